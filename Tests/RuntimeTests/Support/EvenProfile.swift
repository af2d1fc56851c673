import CostModel

/// Hardware with the same number everywhere, but for what must be counted or a share.
func evenProfile(_ changes: [HardwareConstant: Double] = [:]) throws -> HardwareProfile {
    var constants: [HardwareConstant: Constant] = [:]
    for constant in HardwareConstant.allCases {
        let value = changes[constant] ?? (constant.unit == "of peak" ? 0.5 : 8)
        constants[constant] = Constant(value, basis: .measured, source: "a test")
    }
    return try HardwareProfile(name: "test", summary: "", constants: constants)
}
