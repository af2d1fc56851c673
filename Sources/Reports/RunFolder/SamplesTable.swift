import Basics
public import Records

/// The rows of `samples.csv`, one per (step, layer, rank, phase).
///
/// | column | meaning |
/// |---|---|
/// | run_id | the run |
/// | step, layer | counted from 0, warm-up not counted |
/// | rank | the rank; -1 for the coordinator's phases, gate, shared and merge, which count once per layer |
/// | phase | gate, dispatch, queue, compute, combine, wait, shared or merge |
/// | tokens | routed copies that were sent, computed or returned; tokens of the step for gate and merge, and for shared where the coordinator computes shared or dense experts; 0 elsewhere |
/// | bytes | bytes sent to the rank for dispatch, received from it for combine; 0 elsewhere |
/// | microseconds | time of the phase in µs, three decimals |
///
/// For each rank of a (step, layer), its five phases and the coordinator's three add up to the time of the layer.
public struct SamplesTable: Sendable {
    /// The header row of `samples.csv`.
    public static let header = "run_id,step,layer,rank,phase,tokens,bytes,microseconds"

    /// The value in the rank column for the phases of the coordinator.
    public static let coordinatorRank = -1

    private let id: RunID

    /// Create the table of one run.
    public init(id: RunID) {
        self.id = id
    }

    /// The rows of one (step, layer), each ended by a line feed.
    public func rows(_ layer: LayerRecord, step: StepRecord) -> String {
        let place = "\(id),\(step.step),\(layer.layer),"
        var text = ""
        func add(_ rank: Int, _ phase: Phase, _ tokens: Int, _ bytes: Int, _ seconds: Double) {
            let microseconds = DisplayUnit.microseconds(decimals: 3).text(seconds)
            text += "\(place)\(rank),\(phase.rawValue),\(tokens),\(bytes),\(microseconds)\n"
        }
        add(Self.coordinatorRank, .gate, step.tokens, 0, layer.gateSeconds)
        for rank in layer.ranks {
            for phase in Phase.ofRank {
                add(rank.rank, phase, rank.copies(in: phase), rank.bytes(in: phase), rank.seconds[phase])
            }
        }
        let sharedTokens = layer.sharedComputeSeconds > 0 ? step.tokens : 0
        add(Self.coordinatorRank, .shared, sharedTokens, 0, layer.sharedSeconds)
        add(Self.coordinatorRank, .merge, step.tokens, 0, layer.mergeSeconds)
        return text
    }
}

extension RankRecord {
    /// Return the routed copies that were sent, computed or returned in a phase; 0 in all other phases.
    fileprivate func copies(in phase: Phase) -> Int {
        switch phase {
        case .dispatch, .compute, .combine: copies
        case .gate, .queue, .wait, .shared, .merge: 0
        }
    }

    /// Return the bytes sent to the rank (dispatch) or received from it (combine); 0 in all other phases.
    fileprivate func bytes(in phase: Phase) -> Int {
        switch phase {
        case .dispatch: dispatchBytes
        case .combine: combineBytes
        case .gate, .queue, .compute, .wait, .shared, .merge: 0
        }
    }
}
