internal import Cluster
internal import Foundation

/// The standard streams of a program from outside. No call waits longer than it says, whatever the program does.
struct ProgramPipes: Sendable {
    /// The ends of the three pipes that belong to the program.
    struct FarEnds {
        let input: Int32
        let output: Int32
        let errors: Int32

        /// Close them: the program has its own.
        func close() {
            for end in [input, output, errors] { Foundation.close(end) }
        }
    }

    private static let closed: Int32 = -1
    private static let blockBytes = 64 << 10

    private var input: Int32
    private var output: Int32
    private var errors: Int32
    /// What the program wrote to its standard error.
    var log = ProgramLog()

    /// Open the pipes.
    static func open() throws(RuntimeError) -> (near: ProgramPipes, far: FarEnds) {
        var ends: [Int32] = []
        for _ in 0..<3 {
            var pair: [Int32] = [closed, closed]
            guard unsafe pipe(&pair) == 0 else {
                let reason = unsafe String(cString: strerror(errno))
                for end in ends { Foundation.close(end) }
                throw .local("no pipe to the router's program: \(reason)")
            }
            ends += pair
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let near = ProgramPipes(input: ends[1], output: ends[2], errors: ends[4])
        for end in [near.input, near.output, near.errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        return (near, FarEnds(input: ends[0], output: ends[3], errors: ends[5]))
    }

    private init(input: Int32, output: Int32, errors: Int32) {
        (self.input, self.output, self.errors) = (input, output, errors)
    }

    /// True until the program has closed its standard output.
    var isOutputOpen: Bool { output != Self.closed }

    /// True until the program has closed its standard error.
    var areErrorsOpen: Bool { errors != Self.closed }

    /// Close the program's standard input.
    mutating func closeInput() { Self.close(&input) }

    /// Close all.
    mutating func close() {
        Self.close(&input)
        Self.close(&output)
        Self.close(&errors)
    }

    private static func close(_ end: inout Int32) {
        if end != closed { Foundation.close(end) }
        end = closed
    }

    /// Wait until a stream can go on, and take what the program wrote to standard error.
    ///
    /// - Parameter sends: whether there is something to send.
    mutating func wait(sends: Bool, milliseconds: Int) {
        var items = [
            pollfd(fd: sends ? input : Self.closed, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&items, nfds_t(items.count), Int32(clamping: milliseconds))
        if items[2].revents != 0, let bytes = Self.read(&errors, most: Self.blockBytes) { log.add(bytes) }
    }

    /// Send what fits, and return how much that was; all of it where the program has closed its standard input, as it
    /// reads no more.
    mutating func send(_ bytes: ArraySlice<UInt8>) -> Int {
        guard input != Self.closed else { return bytes.count }
        let sent = unsafe bytes.withUnsafeBytes { unsafe Self.writeQuietly(input, $0) }
        if sent >= 0 { return sent }
        if [EAGAIN, EINTR].contains(errno) { return 0 }
        closeInput()
        return bytes.count
    }

    /// What has come from the program, or nothing.
    mutating func receive(most: Int) -> [UInt8] { Self.read(&output, most: min(most, Self.blockBytes)) ?? [] }

    /// What there is to read, or nil; the end is closed with the other one.
    private static func read(_ end: inout Int32, most: Int) -> [UInt8]? {
        guard end != closed else { return nil }
        var bytes = [UInt8](repeating: 0, count: most)
        let count = unsafe Foundation.read(end, &bytes, most)
        if count > 0 { return Array(bytes[..<count]) }
        if count == 0 || ![EAGAIN, EINTR].contains(errno) { close(&end) }
        return nil
    }

    /// Write without the signal that a closed pipe sends, and return what `write` does.
    private static func writeQuietly(_ end: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        var brokenPipe = sigset_t()
        unsafe sigemptyset(&brokenPipe)
        unsafe sigaddset(&brokenPipe, SIGPIPE)
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
        let count = unsafe write(end, bytes.baseAddress, bytes.count)
        let reason = errno
        if count < 0, reason == EPIPE {
            var noTime = timespec()
            while unsafe sigtimedwait(&brokenPipe, nil, &noTime) < 0, errno == EINTR {}
        }
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = reason
        return count
    }
}

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
