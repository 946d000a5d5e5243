"""The database, its schema, loads, backups and exports."""

CHINESE = {
    "The database refuses: {reason}": "数据库拒绝：{reason}",
    "The embedded store refuses: {reason}": "内嵌存储拒绝：{reason}",
    "The database cannot answer now: {reason}": "数据库暂时不能应答：{reason}",
    "The statement ran out of time; ask for less at once (a smaller page, box or filter)": (
        "语句超时；请一次少要一些（更小的页、范围或过滤）"
    ),
    "Comparing geometries took too long; ask with a smaller or simpler one": ("几何比较超时；请用更小或更简单的几何"),
    "The store is busy with another writer; try again later": "存储正由另一写入者占用，请稍后再试",
    "All connections to the database are in use; try again later": "数据库连接已全部占用，请稍后再试",
    "No store speaks '{name}': use sqlite:///DIRECTORY or postgresql+psycopg://...": (
        "没有“{name}”这种存储：请用 sqlite:///目录 或 postgresql+psycopg://..."
    ),
    "The store's options are not right: {reason}": "存储的选项有误：{reason}",
    # schema
    "The store has no tables for layer '{layer}': run `duogui migrate`": (
        "存储中没有图层“{layer}”的表：请运行 `duogui migrate`"
    ),
    "The store has no state of layer '{layer}': run `duogui migrate`": (
        "存储中没有图层“{layer}”的状态：请运行 `duogui migrate`"
    ),
    "The store is empty: {what}": "存储为空：{what}",
    "run `duogui migrate`": "请运行 `duogui migrate`",
    "The store has schema version {found}, this program needs {wanted}: {what}": (
        "存储的结构版本为 {found}，本程序需要 {wanted}：{what}"
    ),
    "The store does not fit the layer files: {what}": "存储与图层文件不符：{what}",
    "'{name}' is missing": "缺少“{name}”",
    "has no tables": "没有表",
    "a migration was interrupted": "有一次迁移中断",
    "its file has other attributes than its tables": "其文件的属性与表不同",
    "its texts are not indexed for search": "其文本没有检索索引",
    "The store states '{value}' as its schema version: restore a backup": (
        "存储声明的结构版本为“{value}”：请从备份恢复"
    ),
    "Layer files changed in a way that the stored data cannot follow": "图层文件的改动使已存数据无法跟随",
    "The store has schema version {found}, this program knows {known}: run a newer Duogui": (
        "存储的结构版本为 {found}，本程序只认识 {known}：请运行更新的 Duogui"
    ),
    "The store has schema version {found}, which this program cannot bring up to {known}: restore a backup of a "
    "version that it knows, or load the data anew into an empty place": (
        "存储的结构版本为 {found}，本程序不能把它升到 {known}：请恢复它所认识版本的备份，或在空的位置重新加载数据"
    ),
    "The database holds tables ({names}) but no schema version of Duogui: it is another program's or damaged; name an "
    "empty place in store.url, or restore a backup": (
        "数据库中有表（{names}）但没有 Duogui 的结构版本：它属于别的程序或已损坏；"
        "请在 store.url 指定空的位置，或从备份恢复"
    ),
    "its type was {old} and is now {new}": "其类型原为 {old}，现为 {new}",
    "give it another name, or {how}": "换一个名称，或{how}",
    "its geometry was {old} and is now {new}": "其图形类型原为 {old}，现为 {new}",
    "export the layer, remove it from the store with a new id, and load it anew": (
        "导出该图层，以新标识将其移出存储，再重新加载"
    ),
    "The store's definition of a layer cannot be read ({reason}): the store is damaged, restore a backup": (
        "存储中的图层定义无法读取（{reason}）：存储已损坏，请从备份恢复"
    ),
    "The embedded store cannot work with this Python's SQLite": "内嵌存储不能使用这个 Python 的 SQLite",
    "is built without {names}": "编译时没有 {names}",
    "install a Python 3.13 whose SQLite has both: `uv python install 3.13` brings one, as do python.org and the "
    "python3 packages of Debian, Ubuntu, Fedora and openEuler": (
        "安装 SQLite 两者兼备的 Python 3.13：`uv python install 3.13`、python.org 以及 Debian、Ubuntu、Fedora 和 "
        "openEuler 的 python3 软件包都可以"
    ),
    # loads
    "The store holds no layer '{layer}'": "存储中没有图层“{layer}”",
    "is missing": "缺失",
    "What an interrupted bulk load left behind is in the way: try again": "中断的批量加载留有残余：请再试一次",
    "valid_to is not after valid_from: {days}": "valid_to 不晚于 valid_from：{days}",
    "The load of layer '{layer}' has ended: begin another": "图层“{layer}”的加载已结束：请另起一次",
    "The load of layer '{layer}' was silent for too long and was given up: start again": (
        "图层“{layer}”的加载停顿过久，已放弃：请重新开始"
    ),
    "{count} ids come more than once": "{count} 个标识重复",
    "comes more than once in this load": "在本次加载中重复",
    "make the ids unique": "使标识唯一",
    "{count} ids cannot be loaded": "{count} 个标识不能加载",
    "exists already": "已存在",
    "load with mode upsert or replace to supersede it": "用 upsert 或 replace 模式加载以取代它",
    "The datum parameters of the node's settings are wrong.": "节点设置中的基准参数有误。",
    "no such datum": "没有这个基准",
    "unknown keys": "未知的键",
    "needs either pipeline or parameters": "需要 pipeline 或 parameters 之一",
    "give exactly one of them": "两者只给其一",
    "parameters are incomplete": "参数不全",
    "a parameter is not a number": "有参数不是数字",
    "metres, seconds of arc, ppm": "米、角秒、百万分之一",
    "PROJ refuses the pipeline: {reason}": "PROJ 拒绝该转换：{reason}",
    "correct it": "请改正",
    "The mapping file is no mapping.": "映射文件不是键值结构。",
    "The mapping file is wrong.": "映射文件有误。",
    "The mapping file cannot be read.": "映射文件无法读取。",
    "unknown key {name}": "未知的键 {name}",
    "layer {layer} has no attribute {name}": "图层 {layer} 没有属性 {name}",
    "factor of {name} is not a number": "{name} 的系数不是数字",
    "values of {name} must be a mapping": "{name} 的 values 应为键值结构",
    "{name} must hold key: value lines": "{name} 应由 key: value 行组成",
    "must hold key: value lines": "应由 key: value 行组成",
    # backups
    "{path} exists already: name a folder that does not": "{path} 已存在：请指定不存在的文件夹",
    "The backup is of {kind}: it cannot be restored to {other}": "备份来自 {kind}：不能恢复到 {other}",
    "The backup has schema version {version}: restore it with a newer Duogui": (
        "备份的结构版本为 {version}：请用更新的 Duogui 恢复"
    ),
    "There is a store at {path} already: name an empty place, or say that it is to be replaced (--replace)": (
        "{path} 已有存储：请指定空的位置，或说明要替换它（--replace）"
    ),
    "What was restored has other revisions than the manifest says: do not use it": ("恢复出的版次与清单不符：请勿使用"),
    "The backup {path} has format {found}, this program knows {known}": (
        "备份 {path} 的格式为 {found}，本程序认识的是 {known}"
    ),
    "{path} is not a backup: it has no readable {name}": "{path} 不是备份：其中没有可读的 {name}",
    "The backup is damaged: {name} is missing or not what the manifest says": "备份已损坏：{name} 缺失或与清单不符",
    "The database holds no store: run `duogui migrate` first": "数据库中没有存储：请先运行 `duogui migrate`",
    "The program {name} is missing: install PostgreSQL's client programs (postgresql-client)": (
        "缺少程序 {name}：请安装 PostgreSQL 客户端程序（postgresql-client）"
    ),
    "There is no store in {path}": "{path} 中没有存储",
    "{path} is damaged: {reason}": "{path} 已损坏：{reason}",
    "{path} is in use: stop the node first": "{path} 正在使用：请先停止节点",
    "{path} holds no store: {reason}": "{path} 中没有存储：{reason}",
    # exports
    "The export's folder does not exist": "导出的文件夹不存在",
    "no such folder": "没有这个文件夹",
    "make it first": "请先建立",
    "The file exists": "文件已存在",
    "not overwritten": "未覆盖",
    "choose another or --overwrite": "另选一个，或用 --overwrite",
    "'{name}' is not written": "不能写“{name}”格式",
    "a Shapefile needs a geometry, and {layer} is a table without one": (
        "Shapefile 需要图形，而 {layer} 是没有图形的表"
    ),
    "a Shapefile holds one type of geometry, and {layer} mixes several": (
        "Shapefile 只存一种图形类型，而 {layer} 混有多种"
    ),
    "export as csv or gpkg": "请导出为 csv 或 gpkg",
    "export as gpkg": "请导出为 gpkg",
    "A text cannot be written in this encoding": "有文本不能用该编码写出",
    "'{value}' is not in {encoding}": "“{value}”不在 {encoding} 中",
    "export with --encoding UTF-8": "用 --encoding UTF-8 导出",
    "{crs} is on another datum": "{crs} 属于另一基准",
    "export in CGCS2000 and transform with your own": "按 CGCS2000 导出，再用自有参数转换",
    "{crs}, and the layer lies elsewhere": "{crs}，而图层在别处",
    "'{value}' is no horizontal coordinate system": "“{value}”不是水平坐标系",
    "use EPSG:4490, EPSG:4326, EPSG:3857 or a Gauss-Krueger zone such as EPSG:4548": (
        "请用 EPSG:4490、EPSG:4326、EPSG:3857，或 EPSG:4548 之类的高斯-克吕格分带"
    ),
}
