import Configuration
import CostModel
import Foundation
import Settings

/// A cache of hardware profiles, each of which is read once.
final class ProfileCache {
    private let environment: [String: String]
    private var profiles: [String: HardwareProfile] = [:]

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// Return the profile of a name, or of the file at a path, and keep it for later calls.
    func profile(named name: String) throws(ConfigurationError) -> HardwareProfile {
        if let known = profiles[name] { return known }
        let profile = try HardwareLoader.load(named: name, environment: environment)
        profiles[name] = profile
        return profile
    }
}
