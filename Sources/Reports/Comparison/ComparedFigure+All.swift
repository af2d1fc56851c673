import Records

extension ComparedFigure {
    /// All figures but the losses, in the order of tables.
    public static let all = steps + loads + communication + phases

    private static let steps = [
        ComparedFigure("time.step_seconds.mean", "step, mean", .seconds, .lower, isMain: true) {
            $0.time.stepSeconds.mean
        } step: {
            $0.seconds
        } point: {
            $0.stepSecondsMean
        },
        ComparedFigure("time.step_seconds.p50", "step, median", .seconds, .lower) {
            $0.time.stepSeconds.p50
        } point: {
            $0.stepSecondsP50
        },
        ComparedFigure("time.step_seconds.p90", "step, p90", .seconds, .lower) {
            $0.time.stepSeconds.p90
        } point: {
            $0.stepSecondsP90
        },
        ComparedFigure("tokens_per_second.mean", "tokens/s, mean", .perSecond, .higher, isMain: true) {
            $0.tokensPerSecond.mean
        } step: {
            $0.seconds > 0 ? Double($0.tokens) / $0.seconds : nil
        },
        ComparedFigure("tokens_per_second.p50", "tokens/s, median", .perSecond, .higher) {
            $0.tokensPerSecond.p50
        } point: {
            $0.tokensPerSecond
        },
    ]

    private static let loads = [
        ComparedFigure("load.rank.imbalance.mean", "imbalance of ranks", .ratio, .lower, isMain: true) {
            $0.load.rank.imbalance.mean
        } step: {
            $0.rankImbalance
        } point: {
            $0.imbalance
        },
        ComparedFigure("load.rank.balancedness.mean", "balancedness", .ratio, .higher) {
            $0.load.rank.balancedness.mean
        } point: {
            $0.balancedness
        },
        ComparedFigure("load.expert.imbalance.mean", "imbalance of experts", .ratio, .lower) {
            $0.load.expert.imbalance.mean
        } step: {
            $0.expertImbalance
        },
        ComparedFigure("load.expert.cv.mean", "CV of experts", .ratio, .lower) {
            $0.load.expert.cv.mean
        } step: {
            $0.expertCv
        },
        ComparedFigure("load.expert.maxvio.mean", "MaxVio", .ratio, .lower) {
            $0.load.expert.maxvio.mean
        } step: {
            $0.maxvio
        } point: {
            $0.maxvio
        },
        ComparedFigure("load.dropped.fraction", "copies dropped", .share, .lower) {
            $0.load.dropped.fraction
        } step: {
            $0.droppedFraction
        } point: {
            $0.droppedShare
        },
    ]

    private static let communication = [
        ComparedFigure("communication.total_seconds", "communication", .seconds, .lower) {
            $0.communication.totalSeconds
        } point: {
            $0.communicationSeconds
        },
        ComparedFigure("communication.total_share", "communication / step", .share, .lower) {
            $0.communication.totalShare
        },
        ComparedFigure("communication.exposed_seconds", "exposed communication", .seconds, .lower) {
            $0.communication.exposedSeconds
        },
        ComparedFigure("communication.exposed_share", "exposed / step", .share, .lower, isMain: true) {
            $0.communication.exposedShare
        } point: {
            $0.exposedShare
        },
        ComparedFigure("communication.bytes.dispatch_per_step", "bytes to ranks", .bytes, .lower) {
            $0.communication.bytes.dispatchPerStep
        },
        ComparedFigure("communication.bytes.combine_per_step", "bytes from ranks", .bytes, .lower) {
            $0.communication.bytes.combinePerStep
        },
    ]

    /// Less time in one phase may be more in another: no phase is better for itself.
    private static let phases = Phase.allCases.map { phase in
        ComparedFigure("time.phases.\(phase.rawValue)", "time in \(phase.rawValue)", .seconds, .neither) { report in
            report.time.phases.first { $0.phase == phase }?.seconds
        }
    }

    /// The losses that runs report, in the order in which they first do.
    static func losses(of reports: [Report]) -> [ComparedFigure] {
        var names: [String] = []
        for loss in reports.lazy.flatMap(\.load.losses) where !names.contains(loss.name) { names.append(loss.name) }
        return names.map { name in
            ComparedFigure("load.losses.\(name)", "loss: \(name)", .ratio, .lower) { report in
                report.load.losses.first { $0.name == name }?.value.mean
            } step: { step in
                step.losses.first { $0.name == name }?.value
            }
        }
    }
}
