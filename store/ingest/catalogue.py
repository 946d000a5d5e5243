"""Every kind of problem that ingest reports: stable code, severity, sentence and remedy in Chinese and English."""

from collections.abc import Mapping

from config.layers import Text
from store.ingest.problems import Kind, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO


def _kind(severity: Severity, *texts: str, acceptable: bool = False) -> Kind:
    """`texts`: the sentence in Chinese and English, then the remedy in both."""
    zh, en, zh_remedy, en_remedy = texts
    return Kind(severity, Text(zh, en), Text(zh_remedy, en_remedy), acceptable)


_FILE = {
    "file-unreadable": _kind(
        _E,
        "文件无法读取：{reason}",
        "The file cannot be read: {reason}",
        "检查文件是否完整、格式是否受支持",
        "Check that the file is complete and of a supported format",
    ),
    "layer-ambiguous": _kind(
        _E,
        "文件含多个图层：{layers}",
        "The file holds several layers: {layers}",
        "用 --source-layer 指定一个",
        "Name one with --source-layer",
    ),
    "file-empty": _kind(
        _E,
        "文件中没有要素",
        "The file holds no features",
        "检查图层名称与文件内容",
        "Check the layer's name and the file's content",
    ),
    "encoding-guessed": _kind(
        _W,
        "文件未声明字符编码，按 {encoding} 读取",
        "The file declares no text encoding; read as {encoding}",
        "提供 .cpg 文件或用 --encoding 声明",
        "Add a .cpg file or declare it with --encoding",
    ),
    "text-undecodable": _kind(
        _E,
        "{attribute} 的文字不是有效的 {encoding}：{value}",
        "The text of {attribute} is not valid {encoding}: {value}",
        "用 --encoding 声明正确的编码（如 GBK、UTF-8），或重新导出",
        "Declare the right encoding with --encoding (GBK, UTF-8, ...), or export the file again",
    ),
    "text-truncated": _kind(
        _W,
        "{attribute} 的文字在字段长度处被截断，末尾残缺字符已去掉：{value}",
        "The text of {attribute} was cut at the field's length; the broken last character was dropped: {value}",
        "用更长的字段或 GeoPackage 重新导出",
        "Export with a longer field or as GeoPackage",
    ),
    "coordlist-line": _kind(
        _E,
        "第 {line} 行不能识别：{value}",
        "Line {line} cannot be understood: {value}",
        "坐标行应为“点号,圈号,X(北),Y(东)”，地块行应以 @ 结尾",
        "A coordinate line is 'point no,ring no,X (north),Y (east)'; a plot line ends in @",
    ),
    "coordlist-count": _kind(
        _W,
        "地块 {value} 声明 {declared} 个界址点，实有 {found} 个",
        "Plot {value} declares {declared} points but has {found}",
        "核对坐标表是否缺行",
        "Check whether lines are missing",
    ),
    "record-broken": _kind(
        _E,
        "记录无法读取：{reason}",
        "The record cannot be read: {reason}",
        "检查该行的列数与引号",
        "Check the number of columns and the quotes of this row",
    ),
}

_REFERENCE = {
    "crs-missing": _kind(
        _E,
        "文件没有声明坐标系。{hint}",
        "The file declares no coordinate reference system. {hint_en}",
        "用 --crs EPSG:n 声明坐标系，或用 --datum-declared 声明基准",
        "Declare it with --crs EPSG:n, or the datum with --datum-declared",
    ),
    "crs-unknown": _kind(
        _E,
        "坐标系 {value} 不能识别",
        "The coordinate reference system {value} is not known",
        "用 --crs EPSG:n 声明，例如 EPSG:4490、EPSG:4548",
        "Declare it with --crs EPSG:n, for instance EPSG:4490 or EPSG:4548",
    ),
    "datum-undeclared": _kind(
        _E,
        "坐标系 {value} 没有说明大地基准",
        "The coordinate reference system {value} does not say its datum",
        "用 --datum-declared cgcs2000|wgs84|xian80|beijing54 声明",
        "Declare it with --datum-declared cgcs2000|wgs84|xian80|beijing54",
    ),
    "datum-shift-missing": _kind(
        _E,
        "数据采用 {datum}，本节点没有配置到 CGCS2000 的转换参数",
        "The data is in {datum}, and this node has no parameters to CGCS2000 configured",
        "在节点配置 datums: 下填写七参数或 PROJ 管道",
        "Enter seven parameters or a PROJ pipeline under datums: in the node's configuration",
    ),
    "datum-shift-used": _kind(
        _I,
        "由 {datum} 转换到 CGCS2000 所用参数：{parameters}",
        "Shifted from {datum} to CGCS2000 with: {parameters}",
        "",
        "",
    ),
    "crs-overridden": _kind(
        _I,
        "文件声明 {found}，按操作者声明的 {value} 处理",
        "The file says {found}; read as {value} because the operator declares it",
        "",
        "",
    ),
    "crs-detected": _kind(
        _I,
        "按坐标值识别为 {value}",
        "Recognised as {value} by the coordinates",
        "",
        "",
    ),
    "crs-operation": _kind(
        _I,
        "坐标转换：{value}",
        "Coordinate operation: {value}",
        "",
        "",
    ),
    "crs-zone-contradiction": _kind(
        _E,
        "坐标系声明第 {declared} 带，坐标值（{value}）却属于第 {found} 带",
        "The declared zone is {declared}, but the coordinates ({value}) are of zone {found}",
        "用 --crs EPSG:n 声明坐标值真正所属的带",
        "Declare the zone that the coordinates are of with --crs EPSG:n",
    ),
    "crs-prefix-missing": _kind(
        _E,
        "坐标系要求带号前缀，坐标值（{value}）没有前缀",
        "The coordinate system has zone-prefixed eastings, but the coordinates ({value}) carry no prefix",
        "用 --crs 声明不带前缀的坐标系（如 EPSG:{other}）",
        "Declare the system without prefix with --crs (here EPSG:{other})",
    ),
    "crs-zone-suspected": _kind(
        _E,
        "按声明的坐标系，数据不在所填行政区（或本节点范围）之内；按 {value} 则在其内",
        "With the declared system the data lies outside the division it states (or the node's area); with {value} it "
        "lies within",
        "核对投影带，用 --crs {value} 声明；确认无误则 --accept crs-zone-suspected",
        "Check the zone and declare --crs {value}; if it is right as it is, --accept crs-zone-suspected",
        acceptable=True,
    ),
    "crs-zone-distant": _kind(
        _W,
        "数据采用第 {declared} 带，却位于东经 {lon} 度，属于第 {found} 带（{value}）；离中央经线过远，长度和面积变形大",
        "The data is drawn in zone {declared}, but lies at {lon} E, in zone {found} ({value}); so far from the central "
        "meridian lengths and areas are distorted",
        "核对投影带；成果应当以 {value} 提交",
        "Check the zone; plans are to be handed in with {value}",
    ),
    "crs-axes-swapped": _kind(
        _E,
        "X 与 Y 对调（{value}）",
        "X and Y are swapped ({value})",
        "用 --swap-xy 读取，或重新导出",
        "Read with --swap-xy, or export the file again",
    ),
    "crs-unit-contradiction": _kind(
        _E,
        "坐标系以{unit}为单位，坐标值（{value}）不是",
        "The coordinate system is in {unit_en}, the coordinates ({value}) are not",
        "用 --crs EPSG:n 声明坐标值真正所属的坐标系",
        "Declare the system that the coordinates are in with --crs EPSG:n",
    ),
    "coordinates-not-finite": _kind(
        _E,
        "坐标不能转换到 CGCS2000 经纬度（{value}）",
        "The coordinates ({value}) cannot be transformed to CGCS2000 longitude and latitude",
        "核对坐标系与坐标值",
        "Check the coordinate system and the coordinates",
    ),
    "gcj02-suspected": _kind(
        _E,
        "疑似 GCJ-02 偏移坐标：去偏后 {share} 与参考边界相符（依据：{basis}）",
        "A GCJ-02 shift is suspected: without it {share} agree with the reference boundaries (by {basis})",
        "取得未偏移的数据；确认无误则 --accept gcj02-suspected",
        "Obtain the unshifted data; if it is right as it is, --accept gcj02-suspected",
        acceptable=True,
    ),
    "gcj02-unchecked": _kind(
        _I,
        "未检查 GCJ-02 偏移：{reason}",
        "Not checked for a GCJ-02 shift: {reason_en}",
        "先加载行政区（base-admin-area）",
        "Load the administrative areas (base-admin-area) first",
    ),
    "outside-area": _kind(
        _E,
        "要素在本节点管辖范围之外",
        "The feature lies outside the node's area",
        "核对坐标系与数据范围；确认无误则 --accept outside-area",
        "Check the coordinate system and the extract; if it is right as it is, --accept outside-area",
        acceptable=True,
    ),
    "area-unchecked": _kind(
        _I,
        "未检查数据是否在管辖范围内：{reason}",
        "Not checked against the node's area: {reason_en}",
        "先加载行政区（base-admin-area）",
        "Load the administrative areas (base-admin-area) first",
    ),
}

_GEOMETRY = {
    "geometry-missing": _kind(
        _E,
        "没有图形或图形为空",
        "The geometry is missing or empty",
        "补上图形或删除该要素",
        "Add the geometry or remove the feature",
    ),
    "geometry-unreadable": _kind(
        _E,
        "图形不能读取：{reason}",
        "The geometry cannot be read: {reason}",
        "在制图软件中重画或修复",
        "Redraw or repair it in a GIS",
    ),
    "geometry-wrong-type": _kind(
        _E,
        "图形类型为 {found}，图层要求 {expected}",
        "The geometry is a {found}; the layer takes {expected}",
        "转换图形类型，或加载到相应的点、线图层",
        "Convert it, or load it into the point or line variant; --accept geometry-wrong-type leaves it out",
        acceptable=True,
    ),
    "geometry-mixed-types": _kind(
        _W,
        "文件混有多种图形类型：{value}",
        "The file mixes geometry types: {value}",
        "按类型拆分文件",
        "Split the file by type",
    ),
    "geometry-unexpected": _kind(
        _W,
        "该图层是表格，图形已忽略",
        "The layer is a table; the geometry is ignored",
        "",
        "",
    ),
    "geometry-repaired": _kind(
        _W,
        "图形无效（{reason}），已用 {method} 修复，面积变化 {change} ㎡",
        "The geometry is invalid ({reason}) and was repaired by {method}; its area changed by {change} m²",
        "核对修复结果，最好在源数据中改正",
        "Check the result; better correct the source",
    ),
    "geometry-not-repairable": _kind(
        _E,
        "图形无效（{reason}），不能修复：{why}",
        "The geometry is invalid ({reason}) and cannot be repaired: {why_en}",
        "在源数据中改正",
        "Correct the source",
    ),
    "geometry-flattened": _kind(
        _I,
        "高程（Z）或量测值（M）已去掉",
        "Heights (Z) or measures (M) were dropped",
        "",
        "",
    ),
    "area-mismatch": _kind(
        _W,
        "{attribute} 记载 {recorded} {unit}，按 {zone} 计算的平面面积为 {computed} {unit}",
        "{attribute} records {recorded} {unit}; the plane area in {zone} is {computed} {unit}",
        "核对记载面积、单位与投影带",
        "Check the recorded area, its unit and the zone",
    ),
}

_ATTRIBUTES = {
    "column-unmapped": _kind(
        _W,
        "源字段 {value} 不对应任何属性，未加载",
        "The source column {value} matches no attribute and was not loaded",
        "在映射文件中对应，或列入 ignore",
        "Map it in the mapping file, or list it under ignore",
    ),
    "column-missing": _kind(
        _E,
        "必填属性 {attribute} 没有来源字段",
        "No source column gives the required attribute {attribute}",
        "在映射文件的 columns 或 constants 中给出",
        "Give it under columns or constants of the mapping file",
    ),
    "attribute-required": _kind(
        _E,
        "必填属性 {attribute} 为空",
        "The required attribute {attribute} is empty",
        "补填",
        "Fill it in",
    ),
    "value-not-convertible": _kind(
        _E,
        "{attribute} 的值 {value} 不是{type}",
        "The value {value} of {attribute} is not a {type_en}",
        "改正该值",
        "Correct the value",
    ),
    "value-too-long": _kind(
        _E,
        "{attribute} 的值有 {found} 个字符，最多 {limit} 个：{value}",
        "The value of {attribute} has {found} characters, at most {limit} are allowed: {value}",
        "缩短该值",
        "Shorten it",
    ),
    "value-out-of-range": _kind(
        _E,
        "{attribute} 的值 {value} 超出范围 {range}",
        "The value {value} of {attribute} is outside {range}",
        "改正该值或其单位",
        "Correct the value or its unit",
    ),
    "code-not-in-list": _kind(
        _E,
        "{attribute} 的代码 {value} 不在代码表 {list} 中{hint}",
        "The code {value} of {attribute} is not in the list {list}{hint_en}",
        "改正代码，或在映射文件的 values 中翻译",
        "Correct it, or translate it under values of the mapping file",
    ),
    "code-not-in-force": _kind(
        _E,
        "{attribute} 的代码 {value} 在 {day} 不适用，其有效期为{days}",
        "The code {value} of {attribute} is not in force on {day}; it is {days_en}",
        "改用当日有效的代码",
        "Use a code that is in force on that day",
    ),
    "duplicate-id": _kind(
        _E,
        "标识 {value} 重复，首次出现在第 {first} 行",
        "The identifier {value} is used twice; first in row {first}",
        "标识必须唯一",
        "Identifiers must be unique",
    ),
    "id-exists": _kind(
        _E,
        "标识 {value} 在图层中已存在",
        "The identifier {value} exists in the layer already",
        "用 --mode upsert 更新，或改用新标识",
        "Use --mode upsert to update it, or give a new identifier",
    ),
    "store-refused": _kind(
        _E,
        "存储拒绝：{reason}",
        "The store refuses: {reason}",
        "按原因处理后重试",
        "Remove the cause and try again",
    ),
}

KINDS: Mapping[str, Kind] = _FILE | _REFERENCE | _GEOMETRY | _ATTRIBUTES
