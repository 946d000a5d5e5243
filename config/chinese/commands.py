"""The command line: wrong usage, and what stands in the way of a command."""

CHINESE = {
    "Wrong usage": "用法有误",
    "The size is not right": "规模不正确",
    "{low} to {high}": "{low} 至 {high}",
    "the ending of {name} tells none": "从 {name} 的扩展名看不出格式",
    "nothing can lie in {box}": "{box} 内不可能有要素",
    "give degrees: west,south,east,north": "按度给出：西,南,东,北",
    "'{value}' is not PROPERTY=VALUE of this layer": "“{value}”不是该图层的 属性=值",
    "its properties: {names}": "其属性：{names}",
    "There is no such file": "没有这个文件",
    "not found": "未找到",
    "name a file on this machine": "请指定本机上的文件",
    "cannot be accepted": "不能接受",
    "There is no such layer": "没有这个图层",
    "'{id}' is not published here": "本节点不发布“{id}”",
    "{hint}`duogui info --empty` lists this node's layers": "{hint}`duogui info --empty` 列出本节点的图层",
    "did you mean {names}? ": "是否指 {names}？",
    "Not a layer of the store": "不是存储中的图层",
    "its kind is {kind}": "其类型为{kind}",
    "vector or table only": "只能是矢量或表格",
    "The address cannot be listened on": "无法在该地址上监听",
    "choose another with --host and --port": "用 --host 和 --port 另选",
    "{path} is no folder of definitions, nor a file in one (which holds attributes.yaml)": (
        "{path} 不是定义文件夹，也不是其中的文件（其中应有 attributes.yaml）"
    ),
    "one of {names}": "可选：{names}",
    "{path} cannot be read: {reason}": "{path} 无法读取：{reason}",
    "name a text file in UTF-8": "请指定 UTF-8 文本文件",
}
