"""Processes and jobs."""

CHINESE = {
    "Wrong inputs of process '{id}': {names}": "处理“{id}”的输入有误：{names}",
    "Inputs are an object": "inputs 应为对象",
    'write {"name": value, ...}': '写 {"名称": 值, ...}',
    "no such input": "没有这个输入",
    "this input is required: {what}": "此输入必填：{what}",
    "given by reference, which this node does not follow": "以引用给出，本节点不跟随引用",
    "send the value itself, or the id of a collection of this node": "发送值本身，或本节点数据集的标识",
    "of media type {media}": "媒体类型为 {media}",
    "Input '{name}' names no collection of this node": "输入“{name}”所指的不是本节点的数据集",
    "name a collection of polygons": "指定一个面状数据集",
    "Input '{name}' wants polygons": "输入“{name}”需要面",
    "Collection '{id}' is being written to; try again later": "数据集“{id}”正在写入，请稍后再试",
    "'{value}' is no day of the calendar": "“{value}”不是日历上的日期",
    "Input '{name}' is no day": "输入“{name}”不是日期",
    "Input '{name}' is no valid polygon: {reason}": "输入“{name}”不是有效的面：{reason}",
    "at least one polygon": "至少一个面",
    "rings that neither cross nor overlap themselves or each other": "环不得自交，也不得相交或重叠",
    "it has no positions": "没有坐标点",
    "at least four positions [longitude, latitude], the last one equal to the first": (
        "至少四个坐标点 [经度, 纬度]，末点与首点相同"
    ),
    "the ring has {count} positions": "环有 {count} 个坐标点",
    "it has no ring": "没有环",
    "an outer ring, then its holes: {example}": "先外环，后内环：{example}",
    "[longitude, latitude] in degrees": "[经度, 纬度]，单位为度",
    "it has more than {most} positions": "坐标点超过 {most} 个",
    "a simpler outline": "更简单的轮廓",
    "Input 'areaCrs' names a CRS that does not keep areas here": "输入“areaCrs”所指坐标系在此处不能保持面积",
    "Input 'areaCrs' names no projected CRS in metres": "输入“areaCrs”所指的不是以米为单位的投影坐标系",
    "Input 'areaCrs' names a CRS of another place": "输入“areaCrs”所指的是别处的坐标系",
    "Input 'areaCrs' names no known CRS": "输入“areaCrs”所指的不是已知的坐标系",
    "a Gauss-Krueger or other transverse Mercator system of the place, e.g. {example}": (
        "当地的高斯-克吕格或其他横轴墨卡托坐标系，如 {example}"
    ),
    "give minima, then maxima, west of the antimeridian or east of it": ("先最小值后最大值，全在 180° 经线以东或以西"),
    "The box is outside the domain of its CRS, or crosses the antimeridian": (
        "范围框在其坐标系的适用范围之外，或跨越 180° 经线"
    ),
    "Collection '{id}' is not open to the caller of this job": "数据集“{id}”不对该任务的调用者开放",
    "Collection '{id}' is not open to this processor": "数据集“{id}”不对该处理器开放",
    "The processor has no store: {reason}": "处理器没有存储：{reason}",
    # execution
    "An execute request is JSON": "执行请求应为 JSON",
    "The body is no JSON": "请求体不是 JSON",
    "The body is no object": "请求体不是对象",
    "not an object": "不是对象",
    "The execute request has unknown members": "执行请求含有未知成员",
    "no member of an execute request": "不是执行请求的成员",
    "use: inputs, outputs, response": "可用：inputs、outputs、response",
    "Callbacks are not offered": "不提供回调",
    "this node sends no callbacks": "本节点不发送回调",
    "leave it out and follow the job": "去掉它，改为查询任务",
    "Outputs are an object": "outputs 应为对象",
    "The wanted outputs are wrong": "所要的输出有误",
    "no such output": "没有这个输出",
    "transmission by reference is not offered": "不提供引用方式的传输",
    "use value": "请用 value",
    "The kind of response is unknown": "未知的应答方式",
    "use raw or document": "请用 raw 或 document",
    "The idempotency key is too long or empty": "幂等键过长或为空",
    "use 1 to {most}": "请用 1 至 {most}",
    "The execution took longer than {seconds} s": "执行超过 {seconds} 秒",
    "not given": "未给出",
    "send 'Prefer: respond-async' and follow the job": "发送“Prefer: respond-async”并查询任务",
    "write a whole number from {low} to {high}": "写 {low} 到 {high} 之间的整数",
    "write an instant (2026-01-31T08:00:00Z), a day, or an interval start/end with .. for an open side": (
        "写时刻（2026-01-31T08:00:00Z）、日期，或“开始/结束”的时间段，不限的一端写 .."
    ),
    # jobs
    "There is no process '{id}'; there are: {names}": "没有处理“{id}”；现有：{names}",
    "There is no job '{id}'": "没有任务“{id}”",
    "The job '{id}' was dismissed": "任务“{id}”已取消",
    "The job '{id}' is {status}, {percent} % done; its results are not ready": (
        "任务“{id}”状态为 {status}，已完成 {percent} %；结果尚未就绪"
    ),
    "The job '{id}' has no results": "任务“{id}”没有结果",
    "The job went beyond a limit": "任务超出限制",
    "ask for less at once, or send 'Prefer: respond-async'": "一次少要一些，或发送“Prefer: respond-async”",
    "The server is about to stop": "服务器即将停止",
    "{count} jobs are running or waiting; try again later": "有 {count} 个任务在运行或等待，请稍后再试",
    "The first request with this key is still at work; try again later": "使用该键的首个请求仍在处理，请稍后再试",
    "The Idempotency-Key was used for another request; draw a new one": "该 Idempotency-Key 已用于另一请求，请换一个",
    "The child process ended": "子进程已结束",
    "The job table has schema {found}, this program wants {wanted}": (
        "任务表的结构版本为 {found}，本程序需要 {wanted}"
    ),
    "The result has {size} bytes, more than {most}; ask for less at once": (
        "结果有 {size} 字节，超过 {most}；请一次少要一些"
    ),
    "The process ran out of memory": "处理的内存不足",
    "The process failed; the server's log knows this job's id": "处理失败；服务器日志中记有该任务的编号",
    "The job ran longer than {seconds} s and was stopped": "任务运行超过 {seconds} 秒，已停止",
    "The server that ran this job ended before the job did; submit it again": (
        "运行该任务的服务器先于任务结束；请重新提交"
    ),
    "The job's process ended unexpectedly (killed, or out of memory)": "任务的进程意外结束（被终止或内存不足）",
    "The job failed; the server's log knows its id": "任务失败；服务器日志中记有其编号",
    "The filter of input '{name}' is wrong: {what}": "输入“{name}”的过滤条件有误：{what}",
}
