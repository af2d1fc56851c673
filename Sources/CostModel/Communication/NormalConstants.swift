/// The constants of a normal kernel.
struct NormalConstants {
    let launch: HardwareConstant
    let copy: HardwareConstant
    let fill: HardwareConstant

    init(_ direction: Direction, isOneNode: Bool) {
        switch (direction, isOneNode) {
        case (.dispatch, true): (launch, copy, fill) = (.nodeDispatchLaunch, .nodeDispatchCopy, .nodeDispatchFill)
        case (.combine, true): (launch, copy, fill) = (.nodeCombineLaunch, .nodeCombineCopy, .nodeCombineFill)
        case (.dispatch, false): (launch, copy, fill) = (.nodesDispatchLaunch, .nodesDispatchCopy, .nodesDispatchFill)
        case (.combine, false): (launch, copy, fill) = (.nodesCombineLaunch, .nodesCombineCopy, .nodesCombineFill)
        }
    }

    var all: [HardwareConstant] { [launch, copy, fill] }
}
