import Basics
import Runtime
import Settings

/// A configuration file with comments, to be changed by a person. Pure.
///
/// It holds what somebody chose and the keys that most people change, each below the help text of its option; the names
/// of all other keys that apply stand at the end of each section.
public struct ConfigurationTemplate: Sendable {
    /// The keys that are written though nobody chose them, where their default holds.
    static let usual: Set = [
        "model.layers", "model.hidden", "model.experts", "model.expert_ffn", "router.kind", "workload.kind",
        "workload.tokens", "cluster.workers", "run.steps", "run.warmup", "run.seed",
    ]
    private static let width = 100

    private let configuration: ResolvedConfiguration

    /// Create the file of a configuration.
    public init(_ configuration: ResolvedConfiguration) {
        self.configuration = configuration
    }

    /// The file in YAML; it loads to the same values.
    public var text: String {
        let head = Self.comment(
            "A configuration of epsim. 'epsim run FILE' runs it, 'epsim config show FILE' prints every value with where "
                + "it comes from, and 'epsim config reference' explains every key."
        )
        return ([head.joined()] + RunPlan.table.sections.compactMap(section)).joined(separator: "\n")
    }

    private func section(_ name: String) -> String? {
        let options = RunPlan.table.options(in: name).compactMap { option in
            configuration.values.first { $0.key == option.key }.map { (option: option, value: $0) }
        }
        let written = options.filter { isWritten($0.value) }
        guard !written.isEmpty else { return nil }
        let entries = written.flatMap { entry(of: $0.option, $0.value) }
        let others = options.filter { !isWritten($0.value) }.map(\.option.name)
        let further = others.isEmpty ? [] : Self.comment("Further keys: \(WordList.all(others)).", indent: "  ")
        return "\(name):\n" + (entries + further).joined()
    }

    private func isWritten(_ value: ResolvedValue) -> Bool {
        guard value.text != nil else { return false }
        return switch value.source {
        case .file, .environment, .flag, .data: true
        case .builtIn: Self.usual.contains(value.key)
        case .preset, .checkpoint: false
        }
    }

    private func entry(of option: Option<RunPlan>, _ value: ResolvedValue) -> [String] {
        guard let text = value.text else { return [] }
        let unit = option.unit.map { " (\($0))" } ?? ""
        let help = Self.comment("\(option.help) Allowed: \(option.allowed)\(unit).", indent: "  ")
        return help + ["  \(option.yaml(text))\n"]
    }

    private static func comment(_ text: String, indent: String = "") -> [String] {
        LineWrap.lines(text, width: width, prefix: "\(indent)# ", continuation: "\(indent)# ").map { "\($0)\n" }
    }
}

extension Option {
    /// The line of a YAML file that gives the option a value: `tokens: 512`.
    func yaml(_ value: String) -> String { "\(name): \(form == .bare ? value : YAMLScalar.text(value))" }
}
