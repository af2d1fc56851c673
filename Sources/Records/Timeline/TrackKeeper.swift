/// A store of two steps of a run: the step whose length is nearest to the median, and the longest.
///
/// The longest is exact. The median of the lengths is, too: the length of every step is kept, eight bytes each. Of the
/// tracks themselves, ``mostTracks`` at most are kept, those nearest to the median so far, and fewer where they hold
/// more than ``mostPieces`` pieces and chunks. So ``median`` is exact for runs of up to ``mostTracks`` small steps; for
/// longer ones it is the nearest of those kept, which is off only where the median drifts during the run.
public struct TrackKeeper: Sendable {
    /// The limit on the number of tracks that are kept beside the longest.
    public static let mostTracks = 16
    /// The limit on the pieces and chunks of the kept tracks together; a single track may hold more.
    public static let mostPieces = 1 << 20

    /// The longest step; of several, the first.
    public private(set) var worst: StepTrack?
    /// The tracks that are kept beside the longest, nearest to the median length so far, in order of time.
    private var candidates: [StepTrack] = []
    private var pieces = 0
    /// The lengths of all steps in nanoseconds, ascending.
    private var lengths: [Int64] = []

    /// A keeper without steps.
    public init() {}

    /// The kept step whose length is nearest to the median of all steps; of several, the first.
    public var median: StepTrack? { candidates.min { distance($0) < distance($1) } }

    /// Add the track of the next step.
    public mutating func add(_ track: StepTrack) {
        insert(track.length)
        if worst.map({ $0.length < track.length }) ?? true { worst = track }
        candidates.append(track)
        pieces += track.size
        while candidates.count > 1, candidates.count > Self.mostTracks || pieces > Self.mostPieces { dropFurthest() }
    }

    private mutating func dropFurthest() {
        guard let furthest = candidates.indices.max(by: { distance(candidates[$0]) < distance(candidates[$1]) })
        else { return }
        pieces -= candidates.remove(at: furthest).size
    }

    /// Return twice the distance of a step's length to the median; twice, because the median may lie between two
    /// lengths.
    private func distance(_ track: StepTrack) -> Int64 {
        let sum = lengths[(lengths.count - 1) / 2] + lengths[lengths.count / 2]
        return abs(2 * track.length - sum)
    }

    private mutating func insert(_ length: Int64) {
        var low = 0
        var high = lengths.count
        while low < high {
            let middle = (low + high) / 2
            if lengths[middle] <= length { low = middle + 1 } else { high = middle }
        }
        lengths.insert(length, at: low)
    }
}

extension StepTrack {
    fileprivate var length: Int64 { span.upperBound - span.lowerBound }

    /// The number of pieces and chunks that the track holds.
    fileprivate var size: Int {
        layers.reduce(coordinator.count) { sum, layer in
            layer.ranks.reduce(sum) { $0 + $1.pieces.count + $1.chunks.count }
        }
    }
}
