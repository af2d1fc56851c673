public import CostModel
import Foundation
public import Settings

/// The loader of the profile of the machine that runs are on.
///
/// Its file has the form of every profile; the `summary` is the name of the processor.
public enum HostLoader {
    /// The path of the profile: in the folder that `EPSIM_HARDWARE` names, else in `epsim/hardware` of the user's
    /// configuration (`XDG_CONFIG_HOME`, else `~/.config`); nil where the user has no home.
    public static func path(environment: [String: String]) -> String? {
        let folder = HardwareSearch(environment: environment, executable: nil).ownFolder
        return folder.map { "\($0)/\(HostProfile.thisMachine)\(HardwareSearch.ending)" }
    }

    /// Load the profile, or return nil when there is no file.
    ///
    /// - Throws: `ConfigurationError` with all problems of the file.
    public static func load(environment: [String: String]) throws(ConfigurationError) -> HostProfile? {
        guard let path = path(environment: environment), FileManager.default.fileExists(atPath: path) else {
            return nil
        }
        return try read(path)
    }

    /// Read the profile in a file.
    ///
    /// - Throws: `ConfigurationError` with all problems of the file.
    public static func read(_ path: String) throws(ConfigurationError) -> HostProfile {
        let document = try ProfileReader.read(yaml: TextFile.read(path), file: path, keys: HostConstant.self)
        guard document.extends == nil else {
            let message = "found, allowed: no other profile, as every number is measured on the machine itself"
            throw ConfigurationError(ConfigurationProblem(location: path, key: "extends", message: message))
        }
        do {
            return try HostProfile(name: document.name, processor: document.summary, constants: document.constants)
        } catch {
            throw ConfigurationError(ConfigurationProblem(location: path, message: error.description))
        }
    }

    /// The text of the profile's file.
    public static func yaml(_ profile: HostProfile) -> String {
        ProfileWriter.yaml(
            ProfileDocument(name: profile.name, summary: profile.processor, constants: profile.constants)
        )
    }
}
