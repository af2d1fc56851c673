import Records

/// An encoder that turns the tracks of steps into events of a timeline, one step after the other.
///
/// Each rank is a process. Its thread `phases` has the step, in it the layers, in these the phases; `send`, `compute`
/// and `receive` have its chunks, with further lanes for chunks that overlap; an arrow joins the three slices of a
/// chunk. Its counters are the routed copies of the layer and the bytes on their way. Where there is a coordinator, it
/// is a process as well.
struct TimelineEncoder {
    /// A function that receives one event.
    typealias Emit = (TimelineEvent) throws -> Void

    /// The time at which the timeline begins, in nanoseconds on the clock of the tracks: the begin of the first step
    /// that was added; nil before.
    private var origin: Int64?
    private var named: Set<TimelineThread> = []
    private var namedProcesses: Set<Int> = []
    private var flows = 0

    /// Emit the events of a step; those of one thread come in order of time.
    mutating func add(_ track: StepTrack, _ emit: Emit) throws {
        origin = origin ?? track.span.lowerBound
        if !track.coordinator.isEmpty { try addCoordinator(track, emit) }
        for index in track.layers.first?.ranks.indices ?? 0..<0 {
            let layers = track.layers.filter { $0.ranks.indices.contains(index) }
            let rank = track.layers[0].ranks[index].rank
            let process = TimelineThread.process(ofRank: rank)
            try name(process, "rank \(rank)", order: rank + 1, emit)
            let pieces = layers.map { (layer: $0, pieces: $0.ranks[index].pieces) }
            try addPhases(of: track, pieces, process: process, emit)
            let chunks = layers.flatMap { layer in layer.ranks[index].chunks.map { (layer.layer, $0) } }
            try addChunks(chunks, process: process, emit)
            try addCounters(of: track, layers.map { ($0.span, $0.ranks[index].chunks) }, process: process, emit)
        }
    }

    private mutating func addCoordinator(_ track: StepTrack, _ emit: Emit) throws {
        let process = TimelineThread.coordinator
        try name(process, "coordinator", order: 0, emit)
        try addPhases(of: track, track.layers.map { ($0, $0.coordinatorPieces) }, process: process, emit)
        for kind in [TimelineThread.Kind.work, .compute] {
            let slices = track.coordinator.filter { ($0.work == .experts) == (kind == .compute) }
                .map { TimelineSlice(name: "\($0.work.rawValue) L\($0.layer)", span: $0.span) }
            try add(slices, TimelineThread(process: process, kind: kind), emit)
        }
    }

    private mutating func addPhases(
        of track: StepTrack,
        _ layers: [(layer: LayerTrack, pieces: [PhasePiece])],
        process: Int,
        _ emit: Emit
    ) throws {
        let thread = TimelineThread(process: process, kind: .phases)
        try name(thread, emit)
        try begin("step \(track.step)", thread, at: track.span.lowerBound, emit)
        for (layer, pieces) in layers {
            try begin("layer \(layer.layer)", thread, at: layer.span.lowerBound, emit)
            for piece in pieces {
                try begin(piece.phase.rawValue, thread, at: piece.span.lowerBound, emit)
                try end(thread, at: piece.span.upperBound, emit)
            }
            try end(thread, at: layer.span.upperBound, emit)
        }
        try end(thread, at: track.span.upperBound, emit)
    }

    private mutating func addChunks(
        _ chunks: [(layer: Int, chunk: ChunkTrack)],
        process: Int,
        _ emit: Emit
    ) throws {
        for leg in ChunkLeg.allCases {
            let slices = chunks.enumerated().map { index, place in
                leg.slice(of: place.chunk, layer: place.layer, flow: flows + index)
            }
            try add(slices, TimelineThread(process: process, kind: leg.thread), emit)
        }
        flows += chunks.count
    }

    /// Emit slices on as many lanes of a thread as they need, so that no two slices of a lane overlap.
    private mutating func add(_ slices: [TimelineSlice], _ first: TimelineThread, _ emit: Emit) throws {
        var lanes = TimelineLanes()
        for slice in slices.sorted(by: { $0.span.lowerBound < $1.span.lowerBound }) {
            var thread = first
            thread.lane = lanes.lane(for: slice.span)
            try name(thread, emit)
            try begin(slice.name, thread, at: slice.span.lowerBound, arguments: slice.arguments, emit)
            if let (moment, id) = slice.flow {
                try emit(event(thread, at: slice.span.lowerBound, .flow(moment, id: id)))
            }
            try end(thread, at: slice.span.upperBound, emit)
        }
    }

    private func addCounters(
        of track: StepTrack,
        _ layers: [(span: Range<Int64>, chunks: [ChunkTrack])],
        process: Int,
        _ emit: Emit
    ) throws {
        let thread = TimelineThread(process: process, kind: .phases)
        for (span, chunks) in layers {
            let copies = chunks.reduce(0) { $0 + $1.copies }
            try emit(event(thread, at: span.lowerBound, .counter(name: "load", values: [("copies", copies)])))
        }
        try emit(event(thread, at: track.span.upperBound, .counter(name: "load", values: [("copies", 0)])))
        for level in BytesInFlight.levels(layers.flatMap(\.chunks)) {
            let values: [TimelineEvent.Argument] = [("dispatch", level.dispatch), ("combine", level.combine)]
            try emit(event(thread, at: level.time, .counter(name: "bytes in flight", values: values)))
        }
    }

    private mutating func name(_ process: Int, _ name: String, order: Int, _ emit: Emit) throws {
        guard namedProcesses.insert(process).inserted else { return }
        let thread = TimelineThread(process: process, kind: .phases)
        try emit(TimelineEvent(thread: thread, kind: .processName(name, order: order)))
    }

    private mutating func name(_ thread: TimelineThread, _ emit: Emit) throws {
        guard named.insert(thread).inserted else { return }
        try emit(TimelineEvent(thread: thread, kind: .threadName(thread.name, order: thread.number)))
    }

    private func begin(
        _ name: String,
        _ thread: TimelineThread,
        at time: Int64,
        arguments: [TimelineEvent.Argument] = [],
        _ emit: Emit
    ) throws {
        try emit(event(thread, at: time, .begin(name: name, arguments: arguments)))
    }

    private func end(_ thread: TimelineThread, at time: Int64, _ emit: Emit) throws {
        try emit(event(thread, at: time, .end))
    }

    private func event(_ thread: TimelineThread, at time: Int64, _ kind: TimelineEvent.Kind) -> TimelineEvent {
        TimelineEvent(thread: thread, time: time - (origin ?? 0), kind: kind)
    }
}

/// An assignment of intervals to as few lanes as hold them without overlap: each goes to the first lane that is free.
///
/// For intervals in order of their begins, this takes no more lanes than overlap at one moment.
struct TimelineLanes {
    /// The time at which each lane becomes free, in nanoseconds, `[lanes]`.
    private var ends: [Int64] = []

    /// Assign the next interval to a lane, and return the lane; the interval begins no earlier than those before.
    mutating func lane(for interval: Range<Int64>) -> Int {
        if let free = ends.firstIndex(where: { $0 <= interval.lowerBound }) {
            ends[free] = interval.upperBound
            return free
        }
        ends.append(interval.upperBound)
        return ends.count - 1
    }
}

/// The bytes in flight to a rank (`dispatch`) and back from it (`combine`), from one moment until the next.
struct BytesInFlight: Equatable {
    var time: Int64
    var dispatch = 0
    var combine = 0

    /// The bytes in flight of chunks, in order of time, one value per moment at which they change; the last is 0.
    static func levels(_ chunks: [ChunkTrack]) -> [BytesInFlight] {
        let changes = chunks.flatMap { chunk in
            [
                BytesInFlight(time: chunk.stamps.handedOver, dispatch: chunk.dispatchBytes),
                BytesInFlight(time: chunk.stamps.received, dispatch: -chunk.dispatchBytes),
                BytesInFlight(time: chunk.stamps.returned, combine: chunk.combineBytes),
                BytesInFlight(time: chunk.stamps.collected, combine: -chunk.combineBytes),
            ]
        }
        var levels: [BytesInFlight] = []
        var level = BytesInFlight(time: 0)
        for change in changes.sorted(by: { $0.time < $1.time }) {
            level.dispatch += change.dispatch
            level.combine += change.combine
            if levels.last?.time == change.time { levels.removeLast() }
            level.time = change.time
            levels.append(level)
        }
        return levels
    }
}

/// A row of a timeline: a thread of a process in the Chrome trace-event form.
struct TimelineThread: Hashable {
    /// The kind of the slices of a thread.
    enum Kind: Int {
        /// Slices of the step, of its layers and of their phases, nested in each other.
        case phases = 1
        /// The work of the coordinator's own thread on tokens.
        case work
        /// Chunks of token rows on their way to a rank.
        case send
        /// Experts at work.
        case compute
        /// Chunks of outputs on their way back.
        case receive
    }

    /// The count of thread numbers reserved for the lanes of each kind, so that rows of one kind stand together.
    ///
    /// No more than eight chunks of a rank are on their way at a time, four of each micro-batch.
    private static let lanesPerKind = 100
    /// The number of the process of rank 0.
    ///
    /// Numbers of processes end in that of the rank, so that a viewer that shows them says nothing new; none is that of
    /// a thread, which viewers would take for the main one.
    private static let processOfRankZero = 1000

    /// The number of the process: see ``process(ofRank:)``.
    let process: Int
    let kind: Kind
    /// Index of the lane, from 0; higher lanes hold slices that overlap those of lower lanes.
    var lane = 0

    /// The number of the process of the coordinator.
    static let coordinator = processOfRankZero - 1

    /// The number of the process of a rank.
    static func process(ofRank rank: Int) -> Int { processOfRankZero + rank }

    /// The number of the thread, which also orders the rows of a process.
    var number: Int { kind.rawValue * Self.lanesPerKind + lane }

    /// The name that a viewer shows beside the row, for example `send 2`.
    var name: String {
        let name: String =
            switch kind {
            case .phases: "phases"
            case .work: "work"
            case .send: "send"
            case .compute: process == Self.coordinator ? "experts" : "compute"
            case .receive: "receive"
            }
        return lane == 0 ? name : "\(name) \(lane + 1)"
    }
}
