/// The constants of a low-latency kernel.
struct LowLatencyConstants {
    let launch: HardwareConstant
    let floor: HardwareConstant
    let copy: HardwareConstant
    let flag: HardwareConstant

    init(_ direction: Direction) {
        switch direction {
        case .dispatch:
            launch = .lowLatencyDispatchLaunch
            floor = .lowLatencyDispatchFloor
            copy = .lowLatencyDispatchCopy
            flag = .lowLatencyDispatchFlag
        case .combine:
            launch = .lowLatencyCombineLaunch
            floor = .lowLatencyCombineFloor
            copy = .lowLatencyCombineCopy
            flag = .lowLatencyCombineFlag
        }
    }

    var all: [HardwareConstant] { [launch, floor, copy, flag] }
}
