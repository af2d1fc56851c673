import Basics
import Figures

extension TerminalReport {
    private enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// Return the lines on notes, warnings and requirements, then those on the verdict and on wrong tokens.
    func verdict() -> [String] {
        var lines = (report.notes ?? []).flatMap { wrapped($0, prefix: "note: ") }
        for warning in report.warnings {
            lines += painted(wrapped(warning, prefix: "warning: "), .yellow)
        }
        for requirement in report.requirements {
            lines += painted(wrapped(requirement.description), requirement.isMet ? nil : .red)
        }
        let (word, color) = verdictWord()
        let reasons = report.reasons.isEmpty ? "" : ": " + report.reasons.joined(separator: "; ")
        lines += painted(wrapped(word + reasons), color)
        return lines + wrongTokens()
    }

    private func verdictWord() -> (String, Color) {
        switch report.status {
        case .valid: ("VALID", .green)
        case .invalid: ("INVALID", .yellow)
        case .interrupted: ("INTERRUPTED", .yellow)
        case .failed: ("FAILED", .red)
        }
    }

    private func wrongTokens() -> [String] {
        // A prediction computes no outputs.
        guard report.clock == .measured else { return [] }
        guard let wrong = report.verification.wrongTokens, let checked = report.verification.checkedTokens else {
            return ["wrong tokens: not verified"]
        }
        let error = report.verification.figures[.relativeError].map {
            ", relative error of outputs \(FixedPoint.scientific($0))"
        }
        return painted(
            ["wrong tokens: \(wrong) \(wrong == 0 ? "OK" : "WRONG") (\(checked) checked\(error ?? ""))"],
            wrong == 0 ? .green : .red
        )
    }

    private func painted(_ lines: [String], _ color: Color?) -> [String] {
        guard options.color, let color else { return lines }
        return lines.map { "\u{1B}[\(color.rawValue)m\($0)\u{1B}[0m" }
    }
}
