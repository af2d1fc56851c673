import Configuration
import CostModel
import Settings

/// Hardware profiles, each read once.
final class ProfileCache {
    private let environment: [String: String]
    private var profiles: [String: HardwareProfile] = [:]

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// The profile of a name, or in a file.
    func profile(named name: String) throws(ConfigurationError) -> HardwareProfile {
        if let known = profiles[name] { return known }
        let profile = try HardwareLoader.load(named: name, environment: environment)
        profiles[name] = profile
        return profile
    }
}
