import Basics
public import CostModel
import Foundation
public import Settings

/// The loader of hardware profiles.
public enum HardwareLoader {
    /// Load the profile of a name, or of the file at a path.
    ///
    /// A name with a slash, or one that ends in `.yaml`, is the path of a file. Any other is looked for in the folder
    /// that `EPSIM_HARDWARE` names, in `epsim/hardware` of the user's configuration (`XDG_CONFIG_HOME`, else
    /// `~/.config`), in `configs/hardware` of the working directory and of the package that the program was built in,
    /// and in `share/epsim/configs/hardware` beside its folder.
    ///
    /// - Throws: `ConfigurationError` with all problems of the file, or with the nearest name where there is no such
    ///   profile.
    public static func load(
        named name: String,
        environment: [String: String]
    ) throws(ConfigurationError) -> HardwareProfile {
        let files = try files(environment: environment)
        return PathText.isPath(name) ? try files.read(name) : try files.profile(named: name)
    }

    /// Return the files of all profiles that can be loaded by name, sorted by name.
    ///
    /// - Throws: `ConfigurationError` when `EPSIM_HARDWARE` names no folder.
    public static func files(environment: [String: String]) throws(ConfigurationError) -> [HardwareFile] {
        let search = HardwareSearch(environment: environment, executable: Bundle.main.executablePath)
        if let own = search.namedFolder, !isFolder(own) {
            let message = "found \(Quoted.text(own)): no such folder, allowed: a folder with hardware profiles"
            throw problem("environment \(HardwareSearch.variable)", message)
        }
        var files: [String: HardwareFile] = [:]
        for folder in search.folders {
            for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where entry.hasSuffix(HardwareSearch.ending) {
                let name = String(entry.dropLast(HardwareSearch.ending.count))
                // A profile of the other kind; see `HostLoader`.
                guard name != HostProfile.thisMachine else { continue }
                files[name] = files[name] ?? HardwareFile(name: name, path: "\(folder)/\(entry)")
            }
        }
        return files.values.sorted { $0.name < $1.name }
    }

    /// The error of a profile that does not exist, with the nearest names.
    ///
    /// - Parameters:
    ///   - location: the place of the name, for the error.
    ///   - isPathAllowed: whether a path would be allowed as well as a name.
    fileprivate static func unknown(
        _ name: String,
        _ files: [HardwareFile],
        location: String = "hardware.profile",
        key: String? = nil,
        isPathAllowed: Bool = true
    ) -> ConfigurationError {
        let names = files.map(\.name)
        let alike = names.filter { $0.lowercased().hasPrefix(name.lowercased()) }
        let near = alike.isEmpty ? [NearestName.of(name, among: names)].compactMap(\.self) : alike
        let hint = near.isEmpty ? "" : "did you mean \(WordList.alternatives(near))? "
        let known = names.joined(separator: ", ") + (names.isEmpty || !isPathAllowed ? "" : ", or ")
        let path = isPathAllowed ? "the path of a .yaml file" : ""
        return problem(location, key: key, "found \(Quoted.text(name)), \(hint)allowed: \(known)\(path)")
    }

    private static func isFolder(_ path: String) -> Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) != nil
    }

    fileprivate static func problem(_ location: String, key: String? = nil, _ message: String) -> ConfigurationError {
        ConfigurationError(ConfigurationProblem(location: location, key: key, message: message))
    }
}

extension [HardwareFile] {
    /// Load the profile of a name, which is never a path.
    ///
    /// - Throws: `ConfigurationError` with all problems of its file, or with the nearest name where there is no such
    ///   profile.
    public func profile(named name: String) throws(ConfigurationError) -> HardwareProfile {
        guard let file = named(name) else { throw HardwareLoader.unknown(name, self) }
        return try read(file, extendedBy: [])
    }

    private func read(_ file: HardwareFile, extendedBy chain: [String]) throws(ConfigurationError) -> HardwareProfile {
        let profile = try read(file.path, extendedBy: chain)
        guard profile.name == file.name else {
            let message = "found \(Quoted.text(profile.name)), allowed: \(file.name), as the file is called"
            throw HardwareLoader.problem(file.path, key: "name", message)
        }
        return profile
    }

    /// Load the profile in a file; a profile that it extends is looked for among these files.
    ///
    /// - Parameter chain: the paths of the files that extend it, the nearest last.
    fileprivate func read(_ path: String, extendedBy chain: [String] = []) throws(ConfigurationError) -> HardwareProfile
    {
        let document = try ProfileReader.read(yaml: TextFile.read(path), file: path, keys: HardwareConstant.self)
        var constants = document.constants
        if let name = document.extends {
            let chain = chain + [path]
            guard let base = named(name) else {
                throw HardwareLoader.unknown(name, self, location: path, key: "extends", isPathAllowed: false)
            }
            guard !chain.contains(base.path) else {
                let message = "found \(base.name), which extends this file itself, allowed: a profile that does not"
                throw HardwareLoader.problem(path, key: "extends", message)
            }
            let profile = try read(base, extendedBy: chain)
            constants = document.constants(over: profile.constants, of: profile.name)
        } else {
            try addLater(to: &constants, path, extendedBy: chain)
        }
        do {
            return try HardwareProfile(name: document.name, summary: document.summary, constants: constants)
        } catch {
            throw HardwareLoader.problem(path, error.description)
        }
    }

    /// Add, from the base profile, the constants that are newer than a file which extends no profile.
    private func addLater(
        to constants: inout [HardwareConstant: Constant],
        _ path: String,
        extendedBy chain: [String]
    ) throws(ConfigurationError) {
        let missing = HardwareConstant.later.subtracting(constants.keys)
        guard !missing.isEmpty, let base = named(HardwareConstant.baseProfile), !(chain + [path]).contains(base.path)
        else { return }
        let profile = try read(base, extendedBy: chain + [path])
        let document = ProfileDocument(name: profile.name, summary: profile.summary, constants: constants)
        constants = document.constants(over: profile.constants.filter { missing.contains($0.key) }, of: profile.name)
    }
}

/// A hardware profile that can be loaded by its name.
public struct HardwareFile: Equatable, Sendable {
    /// The name of the profile.
    public let name: String
    /// The path of the profile's file.
    public let path: String
}

extension [HardwareFile] {
    /// The profile that is meant by a name, in any case: that of this name, else the only one whose name begins with it
    /// and a dash, as `h100` means `H100-SXM`.
    func named(_ name: String) -> HardwareFile? {
        if let exact = first(where: { $0.name == name }) { return exact }
        let small = name.lowercased()
        if let same = first(where: { $0.name.lowercased() == small }) { return same }
        let longer = filter { $0.name.lowercased().hasPrefix("\(small)-") }
        return longer.count == 1 ? longer.first : nil
    }
}

/// The folders that may hold hardware profiles. Pure: it only lists paths.
struct HardwareSearch {
    /// The environment variable that names the user's folder of profiles.
    static let variable = "EPSIM_HARDWARE"
    static let ending = ".yaml"

    let environment: [String: String]
    /// The path of the running program, or nil when unknown.
    let executable: String?

    /// The folders to search, in order; of profiles with the same name the first counts.
    var folders: [String] {
        let own = [namedFolder, userFolder].compactMap(\.self)
        return own + ShippedFolders(name: "hardware", executable: executable).folders
    }

    /// The folder for the user's profiles, or nil where the user has no home.
    var ownFolder: String? { namedFolder ?? userFolder }

    /// The folder that `EPSIM_HARDWARE` names; nil where the variable is empty or not set.
    var namedFolder: String? { environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 } }

    /// The folder in the user's configuration; a relative `XDG_CONFIG_HOME` is ignored (XDG Base Directory
    /// Specification 0.8).
    private var userFolder: String? {
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return "\(base)/epsim/hardware" }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return "\(home)/.config/epsim/hardware"
    }
}
