import CostModel

/// Rows of a table that are scored together.
struct RowClass {
    let name: String
    var target: ErrorTarget?
    let contains: @Sendable (Observation) -> Bool

    /// The classes of a kind of table, those with a target first.
    static func of(_ kind: TimingKind) -> [RowClass] {
        switch kind {
        case .lowLatency:
            let target = ErrorTarget(median: 0.08, p95: 0.20, largest: nil)
            return directions("", target) { _ in true }
        case .normal:
            let target = ErrorTarget(median: 0.10, p95: 0.25, largest: nil)
            let all = RowClass(name: "any number of tokens", contains: { _ in true })
            return directions("from 128 tokens, ", target) { $0.tokensPerGPU >= 128 } + [all]
        case .published:
            let target = ErrorTarget(median: 0.10, p95: nil, largest: 0.20)
            return [RowClass(name: "all", target: target) { _ in true }]
                + [CommunicationKernel.normal, .lowLatency].map { kernel in
                    RowClass(name: "\(kernel.rawValue) kernels") { $0.kernelSetting?.kernel == kernel }
                }
        case .experts:
            let target = ErrorTarget(median: 0.10, p95: 0.30, largest: nil)
            return [
                RowClass(name: "all", target: target) { _ in true },
                RowClass(name: "uniform", target: target) { $0.expertSetting?.routing == .uniform },
                RowClass(name: "power law", target: target) { $0.expertSetting?.routing != .uniform },
            ]
        }
    }

    private static func directions(
        _ prefix: String,
        _ target: ErrorTarget,
        _ contains: @escaping @Sendable (KernelSetting) -> Bool
    ) -> [RowClass] {
        let isWithin: @Sendable (Observation) -> Bool = { $0.kernelSetting.map(contains) ?? false }
        return [RowClass(name: "\(prefix)both ways", target: target, contains: isWithin)]
            + [TimingFigure.dispatch, .combine].map { figure in
                RowClass(name: "\(prefix)\(figure.rawValue)", target: target) { $0.figure == figure && isWithin($0) }
            }
    }
}
