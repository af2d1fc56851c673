import CostModel

/// What a row says of the machine beside its name: how ranks are grouped, and which part of them communicates.
struct MachineLayout: Hashable {
    /// Ranks of a node, or nil for the profile's.
    var ranksPerNode: Int?
    /// Multiprocessors that communicate, or nil for the profile's.
    var sms: Int?

    init(_ setting: TimingRow.Setting) {
        if case .kernel(let kernel) = setting {
            ranksPerNode = kernel.gpusPerNode
            sms = kernel.sms
        }
    }

    /// The profile with this layout; each rank keeps its part of the node's network interfaces.
    func applied(to profile: HardwareProfile) throws(HardwareError) -> HardwareProfile {
        var values: [HardwareConstant: Double] = [:]
        if let sms { values[.normalSMs] = Double(sms) }
        if let ranksPerNode, Double(ranksPerNode) != profile[.ranksPerNode] {
            let nics = profile[.nicsPerNode] * Double(ranksPerNode) / profile[.ranksPerNode]
            values[.ranksPerNode] = Double(ranksPerNode)
            values[.nicsPerNode] = max(1, nics.rounded())
        }
        return try profile.replacing(values, source: "the row")
    }
}
