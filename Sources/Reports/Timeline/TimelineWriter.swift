public import Basics
public import Records

/// The writer of `trace.json.gz` in a run folder: the timeline of the first steps, in the Chrome trace-event form.
///
/// The file grows with the run and holds whole steps, as many as make no more than ``mostSlices`` slices, but at least
/// one. Until ``finish()`` it is `trace.json.gz.partial`; after every step all of it is given to the system, so it
/// outlives a process that is killed, without the end of its JSON then. Memory is bounded whatever a step holds.
///
/// See ``RunFolder/timelineWriter(epsimVersion:clock:)``.
public final class TimelineWriter {
    /// The limit on slices in the file: a step that would pass it and all later steps are left out; the first always
    /// fits.
    public static let mostSlices = 100_000
    /// The name of the file.
    public static let name = "trace.json.gz"

    /// The size at which collected JSON is compressed, in bytes.
    private static let pieceBytes = 1 << 16

    /// The description of the timeline so far.
    public private(set) var summary: TimelineSummary
    private let mostSlices: Int
    private let path: String
    private let gzip: GzipStream
    private var encoder = TimelineEncoder()
    private var slices = 0
    private var isFull = false
    private var isEmpty = true
    private var text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
    private var file: AtomicFile?

    /// Open `<folder>/trace.json.gz.partial`.
    init(folder: String, summary: TimelineSummary, mostSlices: Int = TimelineWriter.mostSlices) throws {
        self.mostSlices = mostSlices
        path = folder + "/" + Self.name
        self.summary = summary
        gzip = try GzipStream()
        file = try AtomicFile(path: path, keepsPartial: true)
    }

    /// Add a step unless the limit on slices is reached; steps come in order, each once.
    ///
    /// - Throws: `FileError` with the path and the system's reason.
    public func append(_ track: StepTrack) throws {
        try checkOpen()
        summary.stepsMeasured += 1
        let added = track.slices
        isFull = isFull || summary.stepsHeld > 0 && slices + added > mostSlices
        guard !isFull else { return }
        slices += added
        try encoder.add(track) { event in
            if !isEmpty { text += ",\n" }
            isEmpty = false
            event.write(to: &text)
            if text.utf8.count >= Self.pieceBytes { try compress(.whenever) }
        }
        summary.stepsHeld += 1
        try compress(.now)
        try file?.flush()
    }

    /// End the JSON, bring it to disk and give the file its final name.
    ///
    /// - Throws: `FileError` with the path and the system's reason; also when the writer has finished before.
    public func finish() throws {
        try checkOpen()
        text += "\n],\"otherData\":" + (try JSONText.of(summary)) + "}\n"
        try compress(.end)
        try file.take()?.commit()
    }

    private func compress(_ flush: GzipStream.Flush) throws {
        let piece = text
        text = ""
        try gzip.write(piece, flush) { bytes in try file?.append(bytes) }
    }

    private func checkOpen() throws {
        guard file == nil else { return }
        throw ReportError(.file, "'\(Printable.text(path))' is finished; nothing can be added to it")
    }
}

/// The description that `trace.json.gz` has of itself, under `otherData`.
public struct TimelineSummary: Codable, Equatable, Sendable {
    /// The id of the run.
    public var runID: String
    /// Version of epsim.
    public var epsimVersion: String
    /// The clock of the times.
    public var clock: StepClock
    /// The number of steps in the timeline, the first ones of the run.
    public var stepsHeld: Int
    /// The number of steps that were measured, or predicted.
    public var stepsMeasured: Int

    private enum CodingKeys: String, CodingKey {
        case runID = "runId"
        case epsimVersion, clock, stepsHeld, stepsMeasured
    }

    /// The description of a timeline without steps.
    init(id: RunID, epsimVersion: String, clock: StepClock) {
        runID = id.description
        self.epsimVersion = epsimVersion
        self.clock = clock
        stepsHeld = 0
        stepsMeasured = 0
    }
}
