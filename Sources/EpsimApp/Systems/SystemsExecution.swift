import Basics
import Configuration
import Foundation
import Settings

/// The systems of the field's history: all in a table, or one explained.
public struct SystemsExecution {
    private let format: OutputFormat

    /// Create a show of systems in a form, which is text instead of a table.
    public init(_ format: OutputFormat) { self.format = format }

    /// Print all systems, the oldest first.
    ///
    /// - Throws: ``ExitStatus`` where the catalogues cannot be read.
    public func list() throws {
        try reporting {
            let rows = try facts()
            switch format {
            case .json: return Console.print(try JSONText.of(rows))
            case .csv: return Console.print(try ObjectCSV.text(rows, first: "name"))
            case .table: break
            }
            let missing = rows.count { $0.missing != nil }
            Console.print(rows.flatMap { $0.entry(width: Console.width) }.joined(separator: "\n"))
            let summary =
                "\(rows.count) systems, \(rows.count - missing) of which run; * marks the others. 'epsim systems NAME' "
                + "explains one, 'epsim run --system NAME' runs it"
            Console.note(LineWrap.lines(summary, width: Console.width).joined(separator: "\n"))
        }
    }

    /// Explain one system.
    ///
    /// - Throws: ``ExitStatus`` where there is no such system.
    public func explain(_ name: String) throws {
        try reporting {
            let environment = ProcessInfo.processInfo.environment
            let system = try ConfigurationLoader.systems(environment: environment).system(
                named: name,
                location: "systems"
            )
            let facts = try SystemFacts(system, environment: environment)
            switch format {
            case .json: Console.print(try JSONText.of(facts))
            case .csv: Console.print(try ObjectCSV.text([facts], first: "name"))
            case .table: Console.print(facts.text(width: min(Console.width, 100)).joined(separator: "\n"))
            }
        }
    }

    private func facts() throws -> [SystemFacts] {
        let environment = ProcessInfo.processInfo.environment
        var catalogues = KnownCatalogues()
        return try ConfigurationLoader.systems(environment: environment).systems.map {
            try SystemFacts($0, environment: environment, catalogues: &catalogues)
        }
    }

    private func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        }
    }
}

/// The facts of a system as they are shown.
struct SystemFacts: Codable {
    let name: String
    let aliases: [String]
    let title: String
    let year: Int
    @OrNull private(set) var preset: String?
    @OrNull private(set) var router: String?
    /// The published numbers of routed experts and of experts per token, in words.
    @OrNull private(set) var experts: String?
    @OrNull private(set) var topK: String?
    let idea: String
    let balance: String
    let drops: String
    let formula: String
    let new: String
    let cost: String
    let sources: String
    /// The settings of sizes that nobody published, `key value`.
    let assumed: [String]
    @OrNull private(set) var missing: String?

    init(_ system: MoESystem, environment: [String: String]) throws(ConfigurationError) {
        var catalogues = KnownCatalogues()
        try self.init(system, environment: environment, catalogues: &catalogues)
    }

    /// The facts of a system; those of its preset come from the catalogue of models.
    init(
        _ system: MoESystem,
        environment: [String: String],
        catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) {
        let facts = try system.preset.map { (preset) throws(ConfigurationError) in
            try ConfigurationLoader.sizes(ofPreset: preset, environment: environment, catalogues: &catalogues)
        }
        name = system.name
        aliases = system.aliases
        title = system.title
        year = system.year
        preset = system.preset
        router = system.router ?? facts?.router
        experts = system.experts ?? facts?.experts.map { "\($0)" }
        topK = system.topK ?? facts?.topK.map { "\($0)" }
        idea = system.idea
        balance = system.balance
        drops = system.drops
        formula = system.formula
        new = system.new
        cost = system.cost
        sources = system.sources
        assumed = system.assumed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        missing = system.missing
    }

    private var expertsInWords: String? { experts.map { Int($0) == nil ? "experts: \($0)" : "\($0) experts" } }

    /// The entry of a list: year, name and idea, then sizes and rules, in lines of at most `width` columns.
    func entry(width: Int) -> [String] {
        let mark = missing == nil ? "" : " *"
        let sizes = [expertsInWords, topK.map { "top-\($0)" }].compactMap(\.self)
        let rules = ["balance: \(balance)", "drops: \(drops)"]
        let indent = String(repeating: " ", count: 6)
        return LineWrap.lines(idea, width: width, prefix: "\(year)  \(name)\(mark): ", continuation: indent)
            + LineWrap.lines(
                (sizes + rules).joined(separator: "; "),
                width: width,
                prefix: indent,
                continuation: indent
            )
    }

    /// The explanation, in lines of at most `width` columns.
    func text(width: Int) -> [String] {
        let sizes = [expertsInWords, topK.map { "\($0) per token" }, router.map { "router \($0)" }]
        var lines = ["\(title) (\(year))", idea, ""]
        let known = sizes.compactMap(\.self)
        if !known.isEmpty { lines += LineWrap.lines(known.joined(separator: ", "), width: width) }
        lines += ["balance: \(balance); drops: \(drops)", ""]
        lines += formula.split(separator: "\n").map { "  \($0)" }
        for (head, body) in [("new", new), ("cost", cost), ("sources", sources)] {
            lines += LineWrap.lines("\(head): \(body.replacing("\n", with: " "))", width: width)
        }
        lines.append("")
        if let missing { return lines + ["epsim does not run it: \(missing)"] }
        if !assumed.isEmpty {
            lines += LineWrap.lines("assumed, as nobody published it: \(assumed.joined(separator: ", "))", width: width)
        }
        lines.append("run a small one:    epsim run --system \(name)")
        guard preset != nil else {
            return lines + ["its published sizes are in no preset, so it is not predicted in full"]
        }
        return lines + ["predict it in full: epsim predict --system \(name)"]
    }
}
