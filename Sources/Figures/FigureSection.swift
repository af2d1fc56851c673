import Basics
/// A part of a report that has figures of the catalogue.
public protocol FigureSection: Codable, Equatable, Sendable {
    /// Its path in the report.
    static var section: Figure.Section { get }
    /// Its figures.
    var figures: FigureValues { get }
    /// The part of the given figures.
    init(figures: FigureValues)
}

extension FigureSection {
    /// Reads the figures of the catalogue; one that a report of an earlier version lacks is not known.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: JSONKey.self)
        self.init(figures: try FigureValues(from: container, section: Self.section))
    }

    /// Writes the figures of the catalogue.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: JSONKey.self)
        try figures.encode(to: &container, section: Self.section)
    }
}
