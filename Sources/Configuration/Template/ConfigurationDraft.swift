import Basics
import MoE
import Runtime
public import Settings

/// The choices that a new configuration starts from.
public struct ConfigurationDraft: Equatable, Sendable {
    /// The name of a system whose laptop size the configuration has, or nil.
    public var system: String?
    /// The settings that were chosen, each key once; `model.preset` may be among them where there is no system.
    public var settings: [Override]

    /// Create a draft.
    public init(system: String? = nil, settings: [Override] = []) {
        self.system = system
        self.settings = settings
    }

    /// The configuration of these choices. A model of the catalogue gets a few layers and a scale with which its
    /// weights fit a laptop, where nobody chose them.
    ///
    /// - Parameter environment: the variables of the process; only the one that names the catalogues is read, as others
    ///   are for one run.
    /// - Throws: `ConfigurationError` with all problems of the choices.
    public func resolved(environment: [String: String]) throws(ConfigurationError) -> ResolvedConfiguration {
        let environment = environment.filter { $0.key == CatalogueSearch.variable }
        var catalogues = KnownCatalogues()
        if let system {
            return try ConfigurationLoader.load(
                system: system,
                size: .laptop,
                overrides: settings,
                environment: environment
            )
        }
        let published = try ConfigurationLoader.load([], settings, environment, &catalogues)
        guard published.plan.model.preset != nil else { return published }
        let small = LaptopSize(published.plan.modelShape).settings.filter { size in
            !settings.contains { $0.key == size.key }
        }
        return try ConfigurationLoader.load([], small + settings, environment, &catalogues)
    }
}

/// The size at which a published model runs on a laptop: a few of its layers, with narrower experts.
struct LaptopSize: Equatable {
    /// The most layers.
    static let mostLayers = 4
    /// The most bytes of all weights, in f32.
    static let mostBytes = 512 << 20

    /// The number of layers.
    let layers: Int
    /// The number that all widths are divided by, a power of two.
    let divisor: Int

    /// Create the size of a stack of layers in its published size.
    init(_ shape: ModelShape) {
        layers = min(shape.layers, Self.mostLayers)
        let common = shape.commonExperts.map(\.shape.parameterCount).reduce(0, +)
        let parameters = layers * (shape.experts * shape.expert.parameterCount + common)
        var divisor = 1
        while parameters / (divisor * divisor) * 4 > Self.mostBytes { divisor *= 2 }
        self.divisor = divisor
    }

    /// The settings of the size.
    var settings: [Override] {
        let source = Source.data("the size for a laptop")
        return [
            Override(key: "model.layers", value: "\(layers)", source: source),
            Override(key: "model.scale", value: divisor == 1 ? "1" : "1/\(divisor)", source: source),
        ]
    }
}
