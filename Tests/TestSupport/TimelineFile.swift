public import Foundation

/// A `trace.json.gz`, read back.
public struct TimelineFile {
    /// A thread of a process.
    public struct Thread: Hashable, Sendable {
        /// The process.
        public let process: String
        /// Its name within the process.
        public let name: String

        /// A thread by its names.
        public init(process: String, name: String) {
            self.process = process
            self.name = name
        }
    }

    /// A stretch of time on a thread.
    public struct Slice: Sendable {
        /// The thread.
        public let thread: Thread
        /// Its name, after those of the slices around it.
        public let path: [String]
        /// From when to when, in nanoseconds.
        public let span: ClosedRange<Int64>
        /// Numbers beside it.
        public let arguments: [String: Int]
    }

    /// A point of an arrow.
    public struct FlowPoint: Sendable {
        /// `s`, `t` or `f`.
        public let moment: String
        /// The thread.
        public let thread: Thread
        /// Nanoseconds.
        public let time: Int64
        /// The slice that was open, or nil.
        public let slice: String?
    }

    /// A change of a counter.
    public struct CounterPoint: Sendable {
        /// The process.
        public let process: String
        /// The counter.
        public let name: String
        /// Nanoseconds.
        public let time: Int64
        /// Its values from then on.
        public let values: [String: Int]
    }

    /// All slices, in the order in which they end.
    public private(set) var slices: [Slice] = []
    /// The points of each arrow, in the order of the file.
    public private(set) var flows: [Int: [FlowPoint]] = [:]
    /// All changes of counters, in the order of the file.
    public private(set) var counters: [CounterPoint] = []
    /// What it says about itself.
    public let about: JSON
    /// What cannot be drawn: slices that overlap, ends without a begin, names that are missing.
    public private(set) var faults: [String] = []

    /// Reads a file.
    public init(path: String) throws {
        try self.init(json: Gzip.contents(of: path))
    }

    /// Reads JSON.
    public init(json: Data) throws {
        let file = try JSONDecoder().decode(TimelineJSON.self, from: json)
        about = file.otherData
        var reader = Reader(names: file.traceEvents)
        for event in file.traceEvents { reader.add(event, to: &self) }
        faults += reader.open.filter { !$0.value.isEmpty }.map { "\($0.key) ends within \($0.value.count) slices" }
    }

    /// Nanoseconds of each phase of a process, by its name.
    public func phases(of process: String) -> [String: Int64] {
        slices.reduce(into: [:]) { sums, slice in
            guard slice.thread == Thread(process: process, name: "phases"), slice.path.count == 3 else { return }
            sums[slice.path[2], default: 0] += slice.span.upperBound - slice.span.lowerBound
        }
    }

    /// Keeps what is open while events are read.
    private struct Reader {
        struct Open {
            let name: String
            let start: Int64
            let arguments: [String: Int]
        }

        private var processes: [Int: String] = [:]
        private var threads: [[Int]: String] = [:]
        private(set) var open: [Thread: [Open]] = [:]
        private var last: [Thread: Int64] = [:]

        init(names events: [TimelineJSON.Event]) {
            for event in events where event.ph == "M" {
                guard let name = event.args?["name"]?.string else { continue }
                if event.name == "process_name" { processes[event.pid] = name }
                if event.name == "thread_name", let tid = event.tid { threads[[event.pid, tid]] = name }
            }
        }

        mutating func add(_ event: TimelineJSON.Event, to file: inout TimelineFile) {
            guard event.ph != "M" else { return }
            let time = Int64(((event.ts ?? .nan) * 1000).rounded())
            let process = processes[event.pid] ?? ""
            if process.isEmpty { file.faults.append("process \(event.pid) has no name") }
            let arguments = (event.args ?? [:]).compactMapValues(\.int)
            if event.ph == "C" {
                let point = CounterPoint(process: process, name: event.name ?? "", time: time, values: arguments)
                file.counters.append(point)
                return
            }
            let name = threads[[event.pid, event.tid ?? -1]] ?? ""
            if name.isEmpty { file.faults.append("a thread of \(process) has no name") }
            let thread = Thread(process: process, name: name)
            if time < last[thread, default: 0] { file.faults.append("\(thread) goes back in time to \(time)") }
            last[thread] = time
            switch event.ph {
            case "B":
                open[thread, default: []].append(Open(name: event.name ?? "", start: time, arguments: arguments))
            case "E":
                end(thread, at: time, &file)
            default:
                let slice = open[thread]?.last?.name
                let point = FlowPoint(moment: event.ph, thread: thread, time: time, slice: slice)
                file.flows[event.id ?? -1, default: []].append(point)
            }
        }

        private mutating func end(_ thread: Thread, at time: Int64, _ file: inout TimelineFile) {
            let path = (open[thread] ?? []).map(\.name)
            guard let slice = open[thread]?.popLast(), slice.start <= time else {
                file.faults.append("\(thread): a slice ends at \(time) that did not begin")
                return
            }
            let span = slice.start...time
            file.slices.append(Slice(thread: thread, path: path, span: span, arguments: slice.arguments))
        }
    }
}

/// The file as it is.
private struct TimelineJSON: Decodable {
    struct Event: Decodable {
        let ph: String
        let pid: Int
        let tid: Int?
        let ts: Double?
        let name: String?
        let id: Int?
        let args: [String: JSON]?
    }

    let displayTimeUnit: String
    let traceEvents: [Event]
    let otherData: JSON
}

extension [TimelineFile.FlowPoint] {
    /// What keeps an arrow from leading from a dispatch to a compute to a combine of one rank; none when it does.
    public var flowFaults: [String] {
        var faults: [String] = []
        if map(\.moment) != ["s", "t", "f"] { faults.append("its points are \(map(\.moment))") }
        if Set(map(\.thread.process)).count != 1 { faults.append("it leads from process to process") }
        if map(\.time) != map(\.time).sorted() { faults.append("it goes back in time") }
        let words = map { [$0.thread.name, $0.slice ?? "no slice"].map { $0.split(separator: " ").first ?? "" } }
        if words != [["send", "dispatch"], ["compute", "compute"], ["receive", "combine"]] {
            faults.append("it passes \(words)")
        }
        if Set(map { $0.slice?.split(separator: " ").last ?? "" }).count != 1 { faults.append("it joins layers") }
        return faults
    }
}
