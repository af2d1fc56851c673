import Basics
public import Records

/// The writer of a CSV table in a run folder that grows with the run, step after step.
///
/// Rows stand in `<name>.partial`, given to the system after every step, so they outlive a process that is killed; its
/// last row may be cut then. ``finish()`` gives the file its name. A writer that is thrown away before leaves the
/// partial file.
///
/// See ``RunFolder/samplesWriter()`` and ``RunFolder/expertsWriter(placement:)``.
public final class StepTableWriter {
    /// A function that returns the rows of one (step, layer), each ended by a line feed.
    typealias Rows = (LayerRecord, StepRecord) throws -> String

    private let path: String
    /// The rows of a layer from now on.
    var rows: Rows
    private var file: AtomicFile?

    /// Open `<folder>/<name>.partial` and write the header row.
    init(folder: String, name: String, header: String, rows: @escaping Rows) throws {
        path = folder + "/" + name
        self.rows = rows
        var file = try AtomicFile(path: path, keepsPartial: true)
        try file.append(header + "\n")
        try file.flush()
        self.file = consume file
    }

    /// Add the rows of a measured step and hand them to the operating system; steps come in order, each once.
    ///
    /// - Throws: `FileError` with the path and the system's reason, or when the record has no place in the table.
    public func append(_ step: StepRecord) throws {
        try checkOpen()
        for layer in step.layers {
            let text = try rows(layer, step)
            try file?.append(text)
        }
        try file?.flush()
    }

    /// Bring the rows to disk and give the file its final name.
    ///
    /// - Throws: `FileError` with the path and the system's reason; also when the writer has finished before.
    public func finish() throws {
        try checkOpen()
        try file.take()?.commit()
    }

    private func checkOpen() throws {
        guard file == nil else { return }
        throw ReportError(.file, "'\(Printable.text(path))' is finished; no step can be added to it")
    }
}
