public import Basics
import Cluster
import Foundation
import Interchange
import MoE
public import Runtime
public import Settings

/// The loader of configurations: it reads the files, and leaves every decision to the pure types below.
public enum ConfigurationLoader {
    /// Load a configuration file, with the environment and the command line on top of it.
    ///
    /// A value comes from the strongest source that gives it: default < preset < checkpoint < file < environment <
    /// flags. Relative paths start at the folder of the file that holds them, or at the working directory for the other
    /// sources.
    ///
    /// - Parameters:
    ///   - file: the path of the YAML file, looked for as ``ShippedFile`` says.
    ///   - overrides: the settings that the command line gives.
    ///   - environment: the variables of the process; `EPSIM_MODEL_LAYERS` is `model.layers`.
    ///   - catalogueDirectory: the folder with `catalogue.yaml`; without it `EPSIM_CATALOGUE`, else `models` beside the
    ///     file, `configs/models` in the working directory, the package that the program was built in, and
    ///     `share/epsim/configs/models` beside its folder. Only a configuration with a preset needs it.
    ///   - clock: the clock of the command that is to read it, which refuses settings that it does not read; nil for
    ///     none.
    /// - Throws: `ConfigurationError` with all problems of the sources; when there are none, with all conflicts between
    ///   values; when there are none, with the files that cannot be read.
    public static func load(
        file: String,
        overrides: [Override] = [],
        environment: [String: String],
        catalogueDirectory: String? = nil,
        for clock: StepClock? = nil
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        var catalogues = KnownCatalogues()
        return try load(
            file: file,
            overrides: overrides,
            environment: environment,
            catalogueDirectory: catalogueDirectory,
            for: clock,
            catalogues: &catalogues
        )
    }

    /// Load one of many configurations; see ``load(file:overrides:environment:catalogueDirectory:for:)``.
    ///
    /// - Parameter catalogues: the catalogues that were read before; to read one takes longer than all the rest.
    public static func load(
        file: String,
        overrides: [Override],
        environment: [String: String],
        catalogueDirectory: String? = nil,
        for clock: StepClock? = nil,
        catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        let workingDirectory = FileManager.default.currentDirectoryPath
        let file = try ShippedFile.find(file)
        let directory = PathText.absolute(Folder.of(file), in: workingDirectory)
        let explicit = try ExplicitSettings(
            yaml: TextFile.read(file),
            file: file,
            directory: directory,
            environment: environment,
            overrides: overrides,
            workingDirectory: workingDirectory
        )
        let search = CatalogueSearch(
            directory: catalogueDirectory,
            environment: environment,
            configurationDirectory: Folder.of(file),
            executable: Bundle.main.executablePath
        )
        return try resolve(explicit, search, workingDirectory, clock, &catalogues)
    }

    /// Load the configuration of a system, with the environment and the command line on top of it.
    ///
    /// - Parameters:
    ///   - name: a name of the system.
    ///   - size: the size of the run.
    ///   - clock: the clock of the command that is to read it, or nil for none.
    /// - Throws: `ConfigurationError` where there is no such system or epsim does not run it, and as
    ///   ``load(file:overrides:environment:catalogueDirectory:for:)`` does.
    public static func load(
        system name: String,
        size: SystemSize,
        overrides: [Override],
        environment: [String: String],
        for clock: StepClock? = nil
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        var catalogues = KnownCatalogues()
        return try load(
            system: systems(environment: environment).system(named: name),
            size: size,
            overrides: overrides,
            environment: environment,
            for: clock,
            catalogues: &catalogues
        )
    }

    /// Load the configuration of one of many systems.
    ///
    /// - Parameter catalogues: the catalogues that were read before.
    public static func load(
        system: MoESystem,
        size: SystemSize,
        overrides: [Override],
        environment: [String: String],
        for clock: StepClock? = nil,
        catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        try system.checkRunnable(location: "flag --system")
        if size == .published, system.preset == nil {
            let message =
                "found \(system.name), whose published sizes are in no preset, allowed: a system with one; "
                + "'epsim run --system \(system.name)' runs a small one"
            throw ConfigurationError(ConfigurationProblem(location: "flag --system", message: message))
        }
        var settings = system.settings(size)
        if size == .published {
            let ranks = try rankCount(of: system, environment: environment, catalogues: &catalogues)
            settings.append(
                Override(key: "cluster.workers", value: "\(ranks)", source: .data("system \(system.name)"))
            )
        }
        let folder = Folder.of(modelSearch(environment).found(SystemCatalogue.fileName) ?? "")
        return try load(settings, in: folder, overrides, environment, for: clock, &catalogues)
    }

    /// The ranks on which a system of a preset is predicted, if no others are given: as many as experts, at most 64.
    private static func rankCount(
        of system: MoESystem,
        environment: [String: String],
        catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> Int {
        let assumed = system.assumed["model.experts"].flatMap { Int($0) }
        let published = try system.preset.flatMap { (preset) throws(ConfigurationError) in
            try sizes(ofPreset: preset, environment: environment, catalogues: &catalogues).experts
        }
        // A preset without experts is refused with the ranks as without them.
        return min(64, assumed ?? published ?? 64)
    }

    /// Load settings that no file holds, with the environment and the command line on top of them.
    ///
    /// - Parameters:
    ///   - settings: the settings, weaker than the environment.
    ///   - folder: the folder where relative paths in these settings start.
    ///   - overrides: the settings that are stronger than the environment.
    static func load(
        _ settings: [Override],
        in folder: String = ".",
        _ overrides: [Override],
        _ environment: [String: String],
        for clock: StepClock? = nil,
        _ catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        let workingDirectory = FileManager.default.currentDirectoryPath
        let explicit = try ExplicitSettings(
            system: settings,
            directory: PathText.absolute(folder, in: workingDirectory),
            environment: environment,
            overrides: overrides,
            workingDirectory: workingDirectory
        )
        return try resolve(explicit, modelSearch(environment), workingDirectory, clock, &catalogues)
    }

    /// Load the systems, the oldest first.
    ///
    /// - Throws: `ConfigurationError` where their file cannot be found or is wrong.
    public static func systems(environment: [String: String]) throws(ConfigurationError) -> SystemCatalogue {
        let search = modelSearch(environment)
        guard let file = search.found(SystemCatalogue.fileName) else {
            let places = WordList.all(search.folders)
            let message = "found no \(SystemCatalogue.fileName), looked in \(places); set \(CatalogueSearch.variable)"
            throw ConfigurationError(ConfigurationProblem(location: "systems", message: message))
        }
        return try SystemCatalogue(yaml: TextFile.read(file), file: file)
    }

    /// The published sizes of a preset.
    ///
    /// - Parameters:
    ///   - name: the name of a model of the catalogue.
    ///   - catalogues: the catalogues that were read before.
    /// - Throws: `ConfigurationError` where the catalogue cannot be read or has no such model.
    public static func sizes(
        ofPreset name: String,
        environment: [String: String],
        catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> (experts: Int?, topK: Int?, router: String?) {
        let given = GivenValue(key: "model.preset", text: name, source: .data("systems"))
        let facts = try preset(given, modelSearch(environment), &catalogues)?.facts
        return (facts?.experts, facts?.topK, facts?.router.rule)
    }

    private static func modelSearch(_ environment: [String: String]) -> CatalogueSearch {
        CatalogueSearch(
            environment: environment,
            configurationDirectory: ".",
            executable: Bundle.main.executablePath
        )
    }

    private static func resolve(
        _ explicit: ExplicitSettings,
        _ search: CatalogueSearch,
        _ workingDirectory: String,
        _ clock: StepClock?,
        _ catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> ResolvedConfiguration {
        let resolved = try Resolver.resolve(
            explicit,
            preset: preset(explicit["model.preset"], search, &catalogues),
            checkpoint: CheckpointReader.facts(explicit),
            workingDirectory: workingDirectory,
            clock: clock
        )
        try checkFiles(resolved)
        return try placed(resolved)
    }

    /// The configuration with the placement of the file that it names, if any.
    private static func placed(_ resolved: ResolvedConfiguration) throws(ConfigurationError) -> ResolvedConfiguration {
        let (plan, shape) = (resolved.plan, resolved.plan.modelShape)
        guard case .file(let path) = plan.cluster.placement else { return resolved }
        let read = try PlacementFile.read(path).placement(
            layers: shape.layers,
            experts: shape.experts,
            ranks: plan.cluster.workers
        )
        return resolved.with(placement: read.placement, notes: read.notes)
    }

    /// Resolve the section `router` alone, for routing without a run.
    ///
    /// - Parameters:
    ///   - overrides: settings of the section, `router.kind` among them if it is not to be the default.
    ///   - experts: the number of routed experts, which the router has to fit.
    ///   - source: the name, in errors, of the data that has so many experts.
    /// - Throws: `ConfigurationError` with all problems of the settings; keys of other sections are problems too.
    public static func router(
        _ overrides: [Override],
        experts: Int,
        of source: String
    ) throws(ConfigurationError) -> RouterPlan {
        if let other = overrides.first(where: { !$0.key.hasPrefix("router.") }) {
            let message = "found a key of another section, allowed: keys of router"
            throw ConfigurationError(
                ConfigurationProblem(location: other.source.location, key: Quoted.key(other.key), message: message)
            )
        }
        // Recorded logits are routed as they are.
        let deviation = RunPlan.table.option(at: \.router.logitStd)?.key
        if let unread = overrides.first(where: { $0.key == deviation }) {
            let message = "does not apply: a run reads it where it makes the logits, and these are recorded"
            throw ConfigurationError(
                ConfigurationProblem(location: unread.source.location, key: Quoted.key(unread.key), message: message)
            )
        }
        var known = Layer(RunPlan())
        known.add(experts, to: \.model.experts, of: RunPlan.table, by: .data(source))
        let explicit = try ExplicitSettings(overrides: overrides, over: known)
        let resolved = try Resolver.resolve(explicit, workingDirectory: "/", scope: .router)
        return resolved.plan.router
    }

    private static func preset(
        _ given: GivenValue?,
        _ search: CatalogueSearch,
        _ catalogues: inout KnownCatalogues
    ) throws(ConfigurationError) -> Preset? {
        guard let given else { return nil }
        guard let file = search.found(CatalogueSearch.fileName) else {
            let places = WordList.all(search.files)
            let message = "found no catalogue of models, looked for \(places); set \(CatalogueSearch.variable)"
            throw ConfigurationError(
                ConfigurationProblem(location: given.source.location, key: given.key, message: message)
            )
        }
        if let catalogue = catalogues.byFile[file] { return try catalogue.preset(given) }
        let catalogue = try Catalogue(yaml: TextFile.read(file), file: file)
        catalogues.byFile[file] = catalogue
        return try catalogue.preset(given)
    }

    /// Throw unless every file that the run will read is there, before anything is launched.
    private static func checkFiles(_ resolved: ResolvedConfiguration) throws(ConfigurationError) {
        var problems = ProblemList()
        for value in resolved.values
        where ["workload.path", "cluster.key_file", "cluster.statistics"].contains(value.key) {
            guard let path = value.text, let problem = TextFile.problem(with: path) else { continue }
            let message = "found \(Quoted.text(path)): \(problem), allowed: a readable file"
            problems.add(
                ConfigurationProblem(location: value.source.location, key: value.key, message: message)
            )
        }
        try problems.throwIfAny()
    }
}

/// The places that may hold the catalogue of published models. Pure: it only lists paths.
struct CatalogueSearch {
    /// The name of the file in its folder.
    static let fileName = "catalogue.yaml"
    /// The environment variable that names the folder.
    static let variable = "EPSIM_CATALOGUE"

    /// The folder that the caller names, or nil.
    var directory: String? = nil
    let environment: [String: String]
    /// The folder of the configuration file.
    let configurationDirectory: String
    /// The path of the running program, or nil when unknown.
    let executable: String?

    /// The files to look for, in order. A folder that the caller or the environment names is the only place: falling
    /// back to another catalogue would hide a mistyped name.
    var files: [String] { folders.map { "\($0)/\(Self.fileName)" } }

    /// The folders to look in, in order.
    var folders: [String] {
        if let named = directory ?? environment[Self.variable] { return [named] }
        return ["\(configurationDirectory)/models"] + ShippedFolders(name: "models", executable: executable).folders
    }

    /// The first readable file of a name, or nil.
    func found(_ name: String) -> String? {
        folders.lazy.map { "\($0)/\(name)" }.first { TextFile.problem(with: $0) == nil }
    }
}

/// A cache of the catalogues that were read, for many configurations that use the same ones.
public struct KnownCatalogues {
    /// The catalogues, by the paths of their files.
    fileprivate var byFile: [String: Catalogue] = [:]

    /// Create an empty cache.
    public init() {}
}
