public import Reports

/// The options of showing and keeping the results of a run.
public struct ReportOptions: Sendable {
    /// Whether report.json is printed in place of the table.
    public var json = false
    /// Whether nothing but errors is printed.
    public var quiet = false
    /// Whether the table shows loads and losses over the steps.
    public var overSteps = false
    /// The parent folder of run folders, or nil for that of the configuration.
    public var out: String?
    /// The path of the file for router choices and outputs, or nil.
    public var saveOutputs: String?
    /// Whether every token is recomputed by a plain loop over experts and compared.
    public var verify = false
    /// The requirements on figures of the report that `--require` gives.
    public var requirements: [Requirement] = []

    /// Create the default options.
    public init() {}

    /// Whether the terminal may show the progress of a run.
    var showsProgress: Bool { !quiet && !json }
}
