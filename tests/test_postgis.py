"""The throw-away cluster is a real PostGIS."""

import sqlalchemy as sa


def test_the_cluster_has_postgis(postgis_url: str) -> None:
    engine = sa.create_engine(postgis_url)
    with engine.connect() as connection:
        version = connection.execute(sa.text("SELECT postgis_full_version()")).scalar_one()
    engine.dispose()
    assert "POSTGIS" in version
