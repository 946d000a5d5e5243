"""Filters, text search, formats, coverages and the list of collections."""

CHINESE = {
    # filters
    "'{value}' is not a filter language": "“{value}”不是过滤语言",
    "the filter is too long": "过滤条件过长",
    "send at most {most} bytes": "最多 {most} 字节",
    "write at most {most} bytes, or send a large geometry or list as CQL2 JSON by POST": (
        "最多 {most} 字节，或用 POST 以 CQL2 JSON 发送较大的图形或列表"
    ),
    "the filter is nested too deep": "过滤条件嵌套过深",
    "at most {most} operators may stand inside each other": "运算最多嵌套 {most} 层",
    "nest at most {most} conditions and {sums} sums": "条件最多嵌套 {most} 层，算式最多 {sums} 层",
    "nest at most 100 levels": "最多嵌套 100 层",
    "nest at most {most} levels": "最多嵌套 {most} 层",
    "the filter has more than {most} operators": "过滤条件的运算超过 {most} 个",
    "use fewer, or IN with a list": "减少运算，或用 IN 加列表",
    "the quote in {place} is not closed": "{place} 处的引号没有闭合",
    "a text stands in 'single quotes', a name may stand in \"double quotes\"; double a quote inside": (
        "文本写在'单引号'内，名称可写在\"双引号\"内；其中的引号写两次"
    ),
    "it contains a NUL character": "含有 NUL 字符",
    "texts have no character U+0000": "文本中不能有 U+0000",
    "it contains half of a surrogate pair": "含有半个代理对",
    "it is not JSON: {reason}": "不是 JSON：{reason}",
    "send CQL2 JSON": "请发送 CQL2 JSON",
    "it is not CQL2 text": "不是 CQL2 文本",
    "it is not CQL2 text: at line {line}, column {column} it cannot go on with {value}": (
        "不是 CQL2 文本：第 {line} 行第 {column} 列不能接 {value}"
    ),
    # text search
    "collection '{id}' has no property whose text is searched": "数据集“{id}”没有可全文检索的属性",
    "use filter or a property's own parameter": "请用 filter 或以属性名为参数",
    "'{value}' holds no word": "“{value}”中没有可检索的词",
    "words of one text in their order, such as q=基本农田; alternatives separated by commas, such as q=蓝线,绿线": (
        "按顺序写同一文本中的词，如 q=基本农田；多个备选以逗号分隔，如 q=蓝线,绿线"
    ),
    "too much to search for at once": "一次检索的内容过多",
    "at most {most} alternatives with {words} words and characters in all": (
        "最多 {most} 个备选，合计 {words} 个词或字"
    ),
    "too many terms": "检索词过多",
    "at most {most}, separated by commas": "最多 {most} 个，以逗号分隔",
    "a term is empty": "有空的检索词",
    "words, or phrases separated by commas": "词，或以逗号分隔的短语",
    "a term of {count} characters": "有 {count} 个字符的检索词",
    # collections
    "given with sd": "与 sd 同时给出",
    "one of them: they say the same in other units": "只给其一：两者是同一含义的不同单位",
    "a number, or low/high with .. for an open end": "一个数，或“低/高”，不限的一端写 ..",
    "its low end is above its high end": "低端大于高端",
    "'{value}' is no positive number": "“{value}”不是正数",
    # files
    "the file format {name} cannot hold this": "文件格式 {name} 不能存放这些内容",
    "{count} features match": "符合条件的要素有 {count} 个",
    "more features match": "符合条件的要素更多",
    "narrow the query, or give limit= and follow the Link header, or {how}": (
        "缩小查询，或给出 limit= 并沿 Link 头翻页，或{how}"
    ),
    "A file has at most {most} features, and none is left out unasked": (
        "一个文件最多 {most} 个要素，且不会擅自略去任何一个"
    ),
    "{format} cannot hold {what}": "{format} 不能存放{what}",
    "use csv or gpkg": "请用 csv 或 gpkg",
    "Too many files are being written; try again later": "正在生成的文件过多，请稍后再试",
    "Writing the file was interrupted; try again later": "文件生成中断，请稍后再试",
    "Nothing was read": "没有读到内容",
    # coverages
    "Collection '{id}' is no coverage": "数据集“{id}”不是覆盖数据",
    "Collection '{id}' has no file on this node": "数据集“{id}”在本节点没有文件",
    "there is no bbox": "没有给 bbox",
    "give bbox too, or leave bbox-crs out": "同时给出 bbox，或去掉 bbox-crs",
    "no band '{name}'": "没有波段“{name}”",
    "numbers from 1 to {most}": "1 到 {most} 之间的数",
    "'{value}' is no date": "“{value}”不是日期",
    "2015-12-31, or an interval": "2015-12-31，或时间段",
    "nothing before {year}": "{year} 之前没有数据",
    "one of the years {years}": "可选年份：{years}",
    "The coverage is too large as CoverageJSON": "作为 CoverageJSON 过大",
    "The coverage cannot be read so": "不能这样读取该覆盖数据",
    "{cells} values, {most} are allowed": "共 {cells} 个值，上限为 {most}",
    "ask for f=GTiff, a bbox or fewer bands": "改用 f=GTiff、bbox 或更少的波段",
    "'{value}' is not understood": "“{value}”无法识别",
    "Long(116.8:116.9),Lat(38.2:38.3), or x(…:…),y(…:…) on a projected raster": (
        "Long(116.8:116.9),Lat(38.2:38.3)；投影坐标系的栅格用 x(…:…),y(…:…)"
    ),
    "'{value}' is no interval": "“{value}”不是区间",
    "{low} is above {high}": "{low} 大于 {high}",
    "bbox is given too": "同时给了 bbox",
    "use one of both": "两者只用其一",
    "this coverage has no axis '{name}'": "该覆盖数据没有坐标轴“{name}”",
    "its axes are {names}": "其坐标轴为 {names}",
    "'{value}' are no numbers": "“{value}”不是数字",
    "source.path is missing": "缺少 source.path",
    "name a file below data_dir": "指定 data_dir 下的一个文件",
    "The raster's path leaves the data folder": "栅格的路径越出了数据目录",
    "a path below data_dir": "data_dir 下的路径",
    "No raster": "没有栅格",
    # one feature
    "Layer '{layer}' has no feature '{id}'": "图层“{layer}”没有要素“{id}”",
    "Feature '{id}' of layer '{layer}' was deleted": "图层“{layer}”的要素“{id}”已删除",
    "{what} was deleted; its versions tell its history": "{what} 已删除；其各版本记有历史",
    "{what} is no longer in force (it was from {span}); ask with 'datetime' for a day in it": (
        "{what} 已失效（有效期为 {span}）；请用 datetime 查询其中的某一天"
    ),
    "{what} has no state at that time; it is known from {span}": "{what} 在该时间没有状态；已知的有效期为 {span}",
    "Feature '{id}' of layer '{layer}'": "图层“{layer}”的要素“{id}”",
    "{first} to an open end": "{first} 起长期有效",
    "The scope '{scope}' does not see layer '{layer}'": "范围“{scope}”不可见图层“{layer}”",
    "{what} has no state on that day; it is known from {span}": "{what} 在该日没有状态；已知的有效期为 {span}",
    # changes between two days
    "'{value}' does not name two days to compare": "“{value}”没有给出要对比的两个日期",
    "earlier/later, such as 2016-01-01/2018-01-01": "较早日期/较晚日期，例如 2016-01-01/2018-01-01",
    "the interval begins after today": "时间段在今天之后才开始",
    "'{value}' is no kind of change": "“{value}”不是变化类型",
    "{what} is not used here": "此处不使用{what}",
    "'id' is not among the queryables": "“id”不在可查询的属性中",
    "features have it as '{name}'": "要素以“{name}”为其名",
}
