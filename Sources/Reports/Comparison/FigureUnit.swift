public import Figures
import Basics

/// The unit and decimals in which a figure is written, by the size of its values.
public struct FigureUnit {
    /// What stands beside the numbers.
    public let name: String
    private let factor: Double
    private let decimals: Int

    /// The unit for values that stand side by side.
    public init(_ unit: Figure.Unit, _ values: [Double]) {
        let sizes = values.map(\.magnitude)
        switch unit {
        case .seconds: self.init(DisplayUnit.seconds(sizes))
        case .bytes: self.init(DisplayUnit.bytes(sizes))
        case .perSecond: self.init(name: "1/s", factor: 1, decimals: (sizes.max() ?? 0) < 100 ? 2 : 0)
        case .share: self.init(name: "%", factor: 100, decimals: 2)
        case .count: self.init(name: "", factor: 1, decimals: (sizes.max() ?? 0) < 100 ? 2 : 0)
        case .ratio: self.init(name: "", factor: 1, decimals: 4)
        }
    }

    private init(_ unit: DisplayUnit) {
        self.init(name: unit.name, factor: unit.factor, decimals: unit.decimals)
    }

    private init(name: String, factor: Double, decimals: Int) {
        (self.name, self.factor, self.decimals) = (name, factor, decimals)
    }

    /// A value in the unit; `-` when there is none.
    public func text(_ value: Double?) -> String {
        value.map { FixedPoint.text($0 * factor, decimals: decimals) } ?? "-"
    }
}
