internal import Foundation

/// The messages of a program: the last ones in memory, the first mebibyte in a file once there is one.
struct ProgramLog: Sendable {
    private static let mostBytes = 1 << 20

    private var tail: [UInt8] = []
    private var file: FileHandle?
    private var written = 0

    /// Add what the program wrote.
    mutating func add(_ bytes: [UInt8]) {
        tail += bytes
        if tail.count > 2 * LogTail.bytes { tail.removeFirst(tail.count - LogTail.bytes) }
        write(bytes)
    }

    /// Keep the messages in a file: those that are known still, and those to come.
    mutating func keep(at path: String) throws(RuntimeError) {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw .local("cannot write the log of the router's program to \(path)") }
        self.file = file
        write(tail)
    }

    /// The last lines, to stand behind a sentence; nothing where there are none.
    var words: String {
        LogTail.words(String(decoding: tail.suffix(LogTail.bytes), as: UTF8.self).split(separator: "\n"))
    }

    /// Write to the file as far as there is room in it; a full disk loses messages of the program and nothing else.
    private mutating func write(_ bytes: [UInt8]) {
        guard let file, written < Self.mostBytes else { return }
        let room = Self.mostBytes - written
        written += bytes.count
        let end = bytes.count < room ? "" : "\n(epsim keeps no more than \(Self.mostBytes) bytes)\n"
        try? file.write(contentsOf: Data(bytes.prefix(room)) + Data(end.utf8))
    }
}
