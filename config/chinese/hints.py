"""What belongs under each key of a definition: the descriptions in `collections/*.schema.json`, shown as remedies."""

CHINESE = {
    "0 (clear) to 1 (solid)": "0（透明）到 1（不透明）",
    "4096ths of a tile's side": "以瓦片边长的 1/4096 计",
    "a UCUM code: m2, har, m, km, m3/d, MW, kV, Pa, %, a, 1; a count of things in braces: {bed}": (
        "UCUM 代码：m2、har、m、km、m3/d、MW、kV、Pa、%、a、1；计数单位写在花括号内，如 {bed}"
    ),
    "a code of codelists/departments.yaml: the department that answers for the data": (
        "codelists/departments.yaml 中的代码：对数据负责的部门"
    ),
    "a code of codelists/layer-groups.yaml: the branch of the layer tree": (
        "codelists/layer-groups.yaml 中的代码：图层树的分支"
    ),
    "a day as YYYY-MM-DD": "日期，写作 YYYY-MM-DD",
    "a name of attributes.yaml": "attributes.yaml 中的名称",
    "a path below the node's data folder": "节点数据目录下的路径",
    "a text in both languages: {zh: ..., en: ...}": "两种语言的文本：{zh: ..., en: ...}",
    "a zoom of Web Mercator, 0 to 24": "Web 墨卡托的缩放级别，0 到 24",
    "an English name in snake_case, at most 40 characters: approval_date": (
        "snake_case 形式的英文名，最多 40 个字符，如 approval_date"
    ),
    "codes of codelists/departments.yaml: the departments that maintain it too": (
        "codelists/departments.yaml 中的代码：共同维护的部门"
    ),
    "how it goes into vector tiles, where the defaults do not suit; zooms are those of Web Mercator": (
        "默认值不合适时，如何进入矢量瓦片；缩放级别按 Web 墨卡托"
    ),
    "how it is drawn; names and units are those of MapLibre": "如何绘制；名称和单位同 MapLibre",
    "how sure the list is: high was checked against a copy, low is from memory": (
        "代码表的可靠程度：high 已与文本核对，low 凭记忆"
    ),
    "lengths of dash and gap in line widths: [4, 2]": "以线宽计的虚线段长与间隔：[4, 2]",
    "names of attributes.yaml, {use: name, ...} to change some of it, or whole definitions with a name": (
        "attributes.yaml 中的名称；用 {use: 名称, ...} 改动其中一部分；或带名称的完整定义"
    ),
    "pixels": "像素",
    "pixels; see small": "像素；见 small",
    "raster: files below the node's data folder; tiles: a finished map; feed: aggregates from their holder; join: rows "
    "belong to features of another collection; records: the catalogue": (
        "raster：节点数据目录下的文件；tiles：成品地图；feed：持有方的汇总数据；join：各行属于另一数据集的要素；records：目录"
    ),
    'six digits in quotes: "130900"': '带引号的六位数字："130900"',
    'the code, in quotes: "0101"': '带引号的代码："0101"',
    "the code of the class above, in quotes": "带引号的上级类代码",
    "the Chinese name": "中文名称",
    "the Chinese text": "中文文本",
    "the Chinese title": "中文标题",
    "the English text": "英文文本",
    "the English title": "英文标题",
    "the URI of what the attribute means: http://qudt.org/vocab/quantitykind/Area": (
        "属性含义的 URI：http://qudt.org/vocab/quantitykind/Area"
    ),
    "the address of what the value identifies on another server, with {resourceId} for the value": (
        "值在另一服务器上所指对象的地址，用 {resourceId} 代表值"
    ),
    "the attribute of the other collection that it equals": "与之相等的另一数据集的属性",
    "the attribute of this collection that names the feature": "本数据集中指明要素的属性",
    "the attribute that is written on the map": "写在地图上的属性",
    "the attribute whose code list gives the colour": "其代码表给出颜色的属性",
    "the attributes that tiles carry, each with the zoom from which: {land_use_code: 0, area: 13}": (
        "瓦片所带的属性及各自的起始缩放级别：{land_use_code: 0, area: 13}"
    ),
    "the central meridian in degrees east of the 3-degree Gauss-Krueger zone that the place uses": (
        "当地所用 3 度带高斯-克吕格投影的中央经线（东经度数）"
    ),
    "the core metadata of 政务信息资源目录 that the rest of the file does not already say": (
        "文件其余部分没有写明的政务信息资源目录核心元数据"
    ),
    "the divisions, a parent before its children": "行政区划，上级在前",
    "the entries, a parent before its children": "条目，上级在前",
    "the field code of the exchange standards, at most 10 capitals and digits: BSM, XZQDM, YDYHFLDM": (
        "交换标准的字段代码，最多 10 个大写字母和数字：BSM、XZQDM、YDYHFLDM"
    ),
    "the file's name without .yaml, in kebab-case: land-use-2023": (
        "去掉 .yaml 的文件名，kebab-case 形式：land-use-2023"
    ),
    "the file's name without .yaml, in kebab-case: plan-green-line": (
        "去掉 .yaml 的文件名，kebab-case 形式：plan-green-line"
    ),
    "the further keys that an entry may have; 'inherit' gives them to the entries below it": (
        "条目可有的其他键；inherit 使下级条目继承"
    ),
    "the geometry type of a vector collection; a Multi type accepts its single form": (
        "矢量数据集的图形类型；Multi 类型也接受单一形式"
    ),
    "the greatest number of characters": "最多字符数",
    "the greatest value": "最大值",
    "the id of the collection that the rows join to": "各行所属数据集的标识",
    "the id of the collection whose features the value identifies; null takes a reference away": (
        "值所指要素的数据集标识；null 去掉引用"
    ),
    "the id of the collection whose features the value identifies": "值所指要素的数据集标识",
    "the least value": "最小值",
    "the levels of government whose nodes hold it": "持有它的节点的政府层级",
    "the name in pinyin or English": "拼音或英文名称",
    "the name of a file in codelists/ (or 'divisions') that lists the allowed values": (
        "codelists/ 中列出可用值的文件名（或 divisions）"
    ),
    "the place among the collections of the same theme": "在同一主题数据集中的次序",
    "the sharing class: unconditional 无条件共享, conditional 有条件共享, withheld 不予共享": (
        "共享属性：unconditional 无条件共享、conditional 有条件共享、withheld 不予共享"
    ),
    "the standard, law or decision that the list comes from": "代码表所依据的标准、法规或决定",
    "the type of the values": "值的类型",
    "true for the units whose figures add up to the province's": "其数字汇总为全省数字的单位为 true",
    "true where a longer code is accepted whose longest prefix is in the list": (
        "接受最长前缀在表中的更长代码时为 true"
    ),
    "true where every feature must have a value": "每个要素都必须有值时为 true",
    "true where it suits the map for the public, too": "也适合公众地图时为 true",
    "true where people filter or sort by it; two to five per layer": "常用于过滤或排序时为 true；每个图层两到五个",
    "true where text search looks into it": "参与全文检索时为 true",
    "values that stand for none where older data could not leave a field empty: [-9999]": (
        "旧数据字段不能为空时代表无值的值：[-9999]"
    ),
    "vector: features; table: features without geometry; raster: cells; external: only described here": (
        "vector：要素；table：没有图形的要素；raster：栅格；external：只在此描述"
    ),
    "what becomes of what is too small to be seen": "小得看不见的要素如何处理",
    "what the attribute means to a client that knows nothing of plans; null takes a role away": (
        "属性对不了解规划的客户端的含义；null 去掉角色"
    ),
    "where the data of a collection is whose rows the node's store does not hold, or what its rows join to": (
        "节点存储中没有其数据的数据集，数据在何处，或各行与何者关联"
    ),
    "who gives the code: gbt2260 (civil affairs, GB/T 2260) or statistics (the statistical code list)": (
        "代码由谁给出：gbt2260（民政，GB/T 2260）或 statistics（统计用区划代码）"
    ),
    "words that people search for, in both languages": "人们检索所用的词，两种语言",
    "信息资源代码: the class code, a slash and six digits of sequence: 103001/000004": (
        "信息资源代码：分类代码、斜线和六位顺序号：103001/000004"
    ),
    "信息资源分类: a code of codelists/catalogue-classes.yaml": (
        "信息资源分类：codelists/catalogue-classes.yaml 中的代码"
    ),
    "共享方式: a code of codelists/sharing-modes.yaml": "共享方式：codelists/sharing-modes.yaml 中的代码",
    "关联资源: ids of other collections": "关联资源：其他数据集的标识",
    "发布日期 as YYYY-MM-DD": "发布日期，写作 YYYY-MM-DD",
    "开放方式: a code of codelists/openness.yaml": "开放方式：codelists/openness.yaml 中的代码",
    "更新周期: a code of codelists/update-cycles.yaml": "更新周期：codelists/update-cycles.yaml 中的代码",
    "行业分类: codes of codelists/industries.yaml": "行业分类：codelists/industries.yaml 中的代码",
}
