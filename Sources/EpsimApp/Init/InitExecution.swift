import Basics
import Configuration
import Foundation
import Settings

/// The command `epsim init`: a configuration with comments, from a few choices.
public struct InitExecution {
    private let file: String
    private let isForced: Bool
    private let draft: ConfigurationDraft
    private let environment: [String: String]

    /// Create the command.
    ///
    /// - Parameters:
    ///   - file: the path of the file to write.
    ///   - system: the name of the system that is the start, or nil.
    ///   - flags: the keys that flags give, each with its value and the flag; no value where the flag was not given.
    ///   - set: the arguments of `--set`.
    ///   - isForced: whether a file of that name is replaced.
    /// - Throws: ``ExitStatus/badConfiguration`` for an argument of `--set` that is no `key=value`.
    public init(
        file: String,
        system: String?,
        flags: [(key: String, value: String?, flag: String)],
        set: [String],
        isForced: Bool
    ) throws(ExitStatus) {
        self.file = file
        self.isForced = isForced
        environment = ProcessInfo.processInfo.environment
        do {
            let given = flags.compactMap { key, value, flag in value.map { Override(key: key, value: $0, flag: flag) } }
            draft = ConfigurationDraft(system: system, settings: given + (try set.map { try Override(set: $0) }))
        } catch {
            Console.note("\(error)")
            throw .badConfiguration
        }
    }

    /// Ask where nothing was chosen and somebody is there to answer, and write the file.
    ///
    /// - Throws: ``ExitStatus/badConfiguration`` for choices that are not allowed, ``ExitStatus/failure`` where the file
    ///   exists or cannot be written, or the answers end too early.
    public func run() throws(ExitStatus) {
        guard isForced || !FileManager.default.fileExists(atPath: file) else {
            throw failed("\(file) exists, and --force replaces it")
        }
        do {
            let configuration = try isAsking ? answered() : draft.resolved(environment: environment)
            try AtomicFile.write(ConfigurationTemplate(configuration).text, to: file)
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw .badConfiguration
        } catch let status as ExitStatus {
            throw status
        } catch {
            throw failed("\(error)")
        }
        Console.print("\(file) is written; 'epsim run \(CommandWords.line([file]))' runs it")
    }

    private var isAsking: Bool {
        draft == ConfigurationDraft() && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
    }

    private func answered() throws -> ResolvedConfiguration {
        let questions = InitQuestions(environment: environment, say: Console.write) { readLine() }
        guard let configuration = try questions.answered() else {
            throw failed("the answers ended before the last question; \(file) is not written")
        }
        return configuration
    }

    private func failed(_ reason: String) -> ExitStatus {
        Console.note("epsim: \(reason)")
        return .failure
    }
}
