/// One event of a timeline in the Chrome trace-event form.
///
/// Source: "Trace Event Format", Chromium project, docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
/// Slices are pairs of begin and end rather than complete events: viewers cut times down to nanoseconds after they have
/// read them in microseconds, which may make the sum of a begin and a duration pass the end of the slice around it.
struct TimelineEvent {
    /// A named number that a viewer shows with an event.
    typealias Argument = (name: String, value: Int)

    /// A point of the arrow that joins the slices of a chunk: its start, a step on its way, or its end.
    enum Flow: String {
        case start = "s"
        case step = "t"
        case finish = "f"
    }

    enum Kind {
        /// The begin of a slice; the `end` event that matches it on the same thread, as brackets match, ends the slice.
        case begin(name: String, arguments: [Argument] = [])
        case end
        /// A point of an arrow, in the slice that is open on the thread.
        case flow(Flow, id: Int)
        /// Values of a counter of the process, which hold until the next event of the counter.
        case counter(name: String, values: [Argument])
        case processName(String, order: Int)
        case threadName(String, order: Int)
    }

    let thread: TimelineThread
    /// Nanoseconds since the timeline began; 0 for events that give names.
    var time: Int64 = 0
    let kind: Kind

    /// Append the event to `text` as JSON; an event that gives a name is written as two events.
    ///
    /// All names in the JSON are this module's own and need no escapes.
    func write(to text: inout String) {
        switch kind {
        case .begin(let name, let arguments):
            text += "{\"ph\":\"B\",\"name\":\"\(name)\",\"cat\":\"epsim\","
            writePlace(to: &text)
            if !arguments.isEmpty { text += ",\"args\":\(Self.object(arguments))" }
        case .end:
            text += "{\"ph\":\"E\","
            writePlace(to: &text)
        case .flow(let flow, let id):
            text += "{\"ph\":\"\(flow.rawValue)\",\"name\":\"chunk\",\"cat\":\"chunk\",\"id\":\(id),"
            if flow == .finish { text += "\"bp\":\"e\"," }
            writePlace(to: &text)
        case .counter(let name, let values):
            text += "{\"ph\":\"C\",\"name\":\"\(name)\",\"pid\":\(thread.process),\"ts\":"
            writeMicroseconds(to: &text)
            text += ",\"args\":\(Self.object(values))"
        case .processName(let name, let order):
            let place = "\"pid\":\(thread.process)"
            text += "{\"ph\":\"M\",\"name\":\"process_name\",\(place),\"args\":{\"name\":\"\(name)\"}},\n"
            text += "{\"ph\":\"M\",\"name\":\"process_sort_index\",\(place),\"args\":{\"sort_index\":\(order)}"
        case .threadName(let name, let order):
            let place = "\"pid\":\(thread.process),\"tid\":\(thread.number)"
            text += "{\"ph\":\"M\",\"name\":\"thread_name\",\(place),\"args\":{\"name\":\"\(name)\"}},\n"
            text += "{\"ph\":\"M\",\"name\":\"thread_sort_index\",\(place),\"args\":{\"sort_index\":\(order)}"
        }
        text += "}"
    }

    private func writePlace(to text: inout String) {
        text += "\"pid\":\(thread.process),\"tid\":\(thread.number),\"ts\":"
        writeMicroseconds(to: &text)
    }

    /// Append the time in microseconds with three decimals: whole nanoseconds, none lost.
    private func writeMicroseconds(to text: inout String) {
        let (whole, rest) = time.quotientAndRemainder(dividingBy: 1000)
        text += "\(whole)."
        if rest < 100 { text += rest < 10 ? "00" : "0" }
        text += "\(rest)"
    }

    private static func object(_ arguments: [Argument]) -> String {
        "{" + arguments.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}
