import Basics
import Configuration
import Foundation
import Runtime
import Settings

/// The questions of `epsim init`, each with the value that an empty answer keeps. An answer that is not allowed is asked
/// for again.
struct InitQuestions {
    /// The keys that are asked for, in order.
    private static let keys = ["cluster.workers", "workload.tokens", "router.kind", "run.steps"]

    let environment: [String: String]
    /// The function that shows a text.
    let say: (String) -> Void
    /// The function that reads an answer, or returns nil where there are no more.
    let read: () -> String?

    /// Ask all questions and return the configuration of the answers, or nil where these ended.
    ///
    /// - Throws: `ConfigurationError` where the defaults make no configuration.
    func answered() throws(ConfigurationError) -> ResolvedConfiguration? {
        var draft = ConfigurationDraft()
        var configuration = try draft.resolved(environment: environment)
        let isSystemKnown = ask("A system to start from; 'epsim systems' lists them", "none", &draft, &configuration) {
            $0.system = $1 == "none" ? nil : $1
        }
        guard isSystemKnown else { return nil }
        for option in Self.keys.compactMap({ RunPlan.table[$0] }) {
            let standard = configuration.values.first { $0.key == option.key }?.text ?? option.absence
            let isKnown = ask("\(option.key): \(option.help)", standard, &draft, &configuration) {
                $0.settings.append(Override(key: option.key, value: $1, source: .data("answer")))
            }
            guard isKnown else { return nil }
        }
        return configuration
    }

    /// Ask one question until its answer makes a configuration; return false where the answers ended.
    private func ask(
        _ question: String,
        _ standard: String,
        _ draft: inout ConfigurationDraft,
        _ configuration: inout ResolvedConfiguration,
        _ change: (inout ConfigurationDraft, String) -> Void
    ) -> Bool {
        while true {
            say("\(question) [\(standard)] ")
            guard let line = read() else {
                say("\n")
                return false
            }
            let answer = line.trimmingCharacters(in: .whitespaces)
            guard !answer.isEmpty else { return true }
            var changed = draft
            change(&changed, answer)
            do {
                configuration = try changed.resolved(environment: environment)
                draft = changed
                return true
            } catch {
                say("\(error)\n")
            }
        }
    }
}
