internal import Basics
internal import Cluster
internal import Foundation
public import MoE
internal import Synchronization

/// The program of a ``CommandRouter``: started once, asked over its standard streams, and ended with the end of its
/// standard input.
///
/// One question is asked at a time, by whichever thread. After a failure the program is killed, and each further
/// question has the same error.
public final class RouterProcess: RouterChannel {
    /// Seconds that the program has to end by itself.
    private static let gracePeriod = 2.0
    /// Seconds for the end of a program that closed its streams, or was killed.
    private static let endPeriod = 1.0
    /// The longest time between two looks at whether an answer is still wanted.
    private static let tickMilliseconds = 50
    /// The most bytes that an error shows of what belongs to no answer.
    private static let shownBytes = 40

    private let limit: Double
    private let interrupt: Interrupt?
    private let program: Mutex<Program>

    private struct Program: Sendable {
        let process: Process
        var pipes: ProgramPipes
        var failure: RoutingError?
        /// Whether a question has been answered.
        var hasAnswered = false
        var isEnded = false
    }

    /// Start the program of a router that has one, and give the router the way to it.
    ///
    /// - Parameter interrupt: ends the wait for an answer.
    /// - Throws: ``RuntimeError/configuration(_:)`` when the program cannot be started.
    public static func start(
        for router: inout any Router,
        interrupt: Interrupt?
    ) throws(RuntimeError) -> RouterProcess? {
        guard var command = router as? CommandRouter else { return nil }
        let process = try RouterProcess(command.command, seconds: command.seconds, interrupt: interrupt)
        command.channel = process
        router = command
        return process
    }

    private init(_ command: [String], seconds: Double, interrupt: Interrupt?) throws(RuntimeError) {
        let path = try Self.path(of: command.first ?? "")
        let (pipes, farEnds) = try ProgramPipes.open()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = Array(command.dropFirst())
        process.standardInput = FileHandle(fileDescriptor: farEnds.input)
        process.standardOutput = FileHandle(fileDescriptor: farEnds.output)
        process.standardError = FileHandle(fileDescriptor: farEnds.errors)
        limit = seconds
        self.interrupt = interrupt
        program = Mutex(Program(process: process, pipes: pipes))
        defer { farEnds.close() }
        do {
            // With Foundation: swift-subprocess keeps a child within one asynchronous call, but routers are synchronous.
            // The program has a process group of its own, so that a terminal's signals do not reach it.
            try process.run()
        } catch {
            throw .configuration(
                "router.command: \(Quoted.text(path)) cannot be started: \(error.localizedDescription)"
            )
        }
    }

    deinit {
        program.withLock { Self.kill(&$0) }
    }

    /// The path of a program by its name, as a shell finds it.
    private static func path(of name: String) throws(RuntimeError) -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let paths = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
        let path = paths.first { path in
            var isFolder: ObjCBool = false
            let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return isThere && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
        }
        if let path { return path }
        let allowed = "a program in PATH, or the path of one from the working directory"
        throw .configuration("router.command: found \(Quoted.text(name)), allowed: \(allowed)")
    }

    /// Keep what the program writes to its standard error in a file, up to 1 MiB.
    public func keepLog(at path: String) throws(RuntimeError) {
        try program.withLock { program throws(RuntimeError) in try program.pipes.log.keep(at: path) }
    }

    /// Ask the program; the error has the last lines that it wrote to standard error.
    public func answer(to request: RouterRequest) throws(RoutingError) -> [UInt8] {
        try program.withLock { program throws(RoutingError) in
            if let failure = program.failure { throw failure }
            do throws(Trouble) {
                let answer = try exchange(request, &program)
                program.hasAnswered = true
                return answer
            } catch {
                let failure = RoutingError(text(of: error, &program))
                program.failure = failure
                Self.kill(&program)
                throw failure
            }
        }
    }

    /// End the program: it gets the end of its input, and is killed when it does not end within two seconds.
    ///
    /// - Returns: a note about how it ended, or nil when there is nothing to say.
    /// - Throws: ``RuntimeError/local(_:)`` when it wrote more than answers.
    public func end() throws(RuntimeError) -> String? {
        try program.withLock { program throws(RuntimeError) in
            guard !program.isEnded, program.failure == nil else { return nil }
            program.pipes.closeInput()
            var surplus = 0
            let process = program.process
            let deadline = MonotonicClock.now() + Nanoseconds(seconds: Self.gracePeriod)
            while program.pipes.isOutputOpen || program.pipes.areErrorsOpen || process.isRunning,
                MonotonicClock.now() < deadline
            {
                program.pipes.wait(sends: false, milliseconds: 5)
                surplus += program.pipes.receive(most: .max).count
            }
            let isLate = process.isRunning
            Self.kill(&program)
            let words = program.pipes.log.words
            guard surplus == 0 else {
                throw .local("the program of router.command wrote \(surplus) bytes more than its answers\(words)")
            }
            if isLate {
                return
                    "the program of router.command did not end within \(Self.gracePeriod) s of the end of its input, "
                    + "and was killed\(words)"
            }
            return Self.wasGood(process) ? nil : "the program of router.command \(Self.how(process))\(words)"
        }
    }
}

extension RouterProcess {
    /// The reason for which a question has no answer.
    private enum Trouble: Error {
        /// What the program wrote is no answer to the question.
        case wrong(RoutingError)
        /// The program closed its standard output after so many bytes.
        case closed(Int)
        /// The time is over after so many bytes of the question and of the answer.
        case late(sent: Int, received: Int, of: (question: Int, answer: Int))
        /// The user ended the run.
        case interrupted
    }

    private func exchange(_ request: RouterRequest, _ program: inout Program) throws(Trouble) -> [UInt8] {
        let question = request.encoded()
        let size = request.answerBytes
        let deadline = MonotonicClock.now() + Nanoseconds(seconds: limit)
        var sent = 0
        var answer: [UInt8] = []
        if program.hasAnswered {
            let surplus = program.pipes.receive(most: Self.shownBytes)
            guard surplus.isEmpty else {
                let shown = Quoted.text(String(decoding: surplus, as: UTF8.self))
                throw .wrong(RoutingError("it wrote more than its last answer: \(shown)"))
            }
        }
        while sent < question.count || answer.count < size {
            let left = Int((deadline - MonotonicClock.now()) / 1_000_000)
            guard left > 0 else {
                throw .late(sent: sent, received: answer.count, of: (question.count, size))
            }
            if interrupt?.isRaised == true { throw .interrupted }
            program.pipes.wait(sends: sent < question.count, milliseconds: min(left, Self.tickMilliseconds))
            if sent < question.count { sent += program.pipes.send(question[sent...]) }
            let hadHead = answer.count >= RouterRequest.answerHeadBytes
            answer += program.pipes.receive(most: size + 1 - answer.count)
            if !hadHead {
                do { try request.checkBeginning(of: answer) } catch { throw .wrong(error) }
            }
            guard answer.count <= size else {
                throw .wrong(RoutingError("it wrote more than the \(size) bytes of its answer"))
            }
            guard answer.count == size || program.pipes.isOutputOpen else { throw .closed(answer.count) }
        }
        return answer
    }

    /// The trouble in words, with the last lines that the program wrote to standard error.
    private func text(of trouble: Trouble, _ program: inout Program) -> String {
        let time = "\(DecimalText.text(limit)) s (router.command_seconds)"
        let what: String
        switch trouble {
        case .wrong(let error): what = error.description
        case .interrupted: return "the user ended the run"
        case .late(let sent, _, let of) where sent < of.question:
            what = "it read \(sent) of \(of.question) bytes at most within \(time)"
        case .late(_, let received, let of):
            what = "it wrote \(received) of the \(of.answer) bytes of its answer within \(time)"
        case .closed(let received):
            Self.waitForEnd(of: &program)
            let how = program.process.isRunning ? "closed its standard output" : Self.how(program.process)
            what = "it \(how)" + (received > 0 ? " after \(received) bytes of an answer" : " instead of answering")
        }
        program.pipes.wait(sends: false, milliseconds: 0)
        return what + program.pipes.log.words
    }

    private static func waitForEnd(of program: inout Program) {
        let deadline = MonotonicClock.now() + Nanoseconds(seconds: endPeriod)
        while program.process.isRunning, MonotonicClock.now() < deadline {
            program.pipes.wait(sends: false, milliseconds: 5)
        }
    }

    /// Kill what runs of the program and of its own children, and close the pipes.
    private static func kill(_ program: inout Program) {
        program.isEnded = true
        let pid = program.process.processIdentifier
        if program.process.isRunning, pid > 0 {
            Foundation.kill(-pid, SIGKILL)
            waitForEnd(of: &program)
        }
        program.pipes.close()
    }

    private static func wasGood(_ process: Process) -> Bool {
        process.terminationReason == .exit && process.terminationStatus == 0
    }

    private static func how(_ process: Process) -> String {
        let end = process.terminationReason == .exit ? "ended with exit code" : "was killed by signal"
        return "\(end) \(process.terminationStatus)"
    }
}
