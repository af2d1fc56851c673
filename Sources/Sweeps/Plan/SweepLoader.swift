internal import Configuration
import Basics
import Foundation
public import Settings

/// Loads sweeps: reads the files, and leaves every decision to the pure types beside it.
public enum SweepLoader {
    /// Loads a sweep file and resolves all its points.
    ///
    /// Values of the sweep are stronger than the environment, as flags are.
    ///
    /// - Parameters:
    ///   - file: the YAML file.
    ///   - environment: the variables of the process, as ``ConfigurationLoader`` reads them.
    /// - Returns: the plan, and the text of the file.
    /// - Throws: everything that is wrong with the file; when nothing is, everything that is wrong with its points.
    public static func load(
        file: String,
        environment: [String: String]
    ) throws(ConfigurationError) -> (plan: SweepPlan, text: String) {
        let text = try TextFile.read(file)
        let workingDirectory = FileManager.default.currentDirectoryPath
        let directory = PathText.absolute(Folder.of(file), in: workingDirectory)
        let sweep = try SweepFile(yaml: text, file: file, directory: directory)
        var catalogues = KnownCatalogues()
        let plan = try SweepPlan(sweep) { overrides throws(ConfigurationError) in
            try ConfigurationLoader.load(
                file: sweep.config,
                overrides: overrides,
                environment: environment,
                catalogues: &catalogues
            )
        }
        return (plan, text)
    }
}
