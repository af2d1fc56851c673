import Basics
import Configuration
import CostModel
import Foundation
import Settings

/// The tables of hardware profiles that `epsim hardware` prints.
public enum HardwareTables {
    /// A profile, with the number of its constants that nobody measured.
    private struct Profile: Encodable {
        let name: String
        let assumed: Int
        let constants: Int
        let summary: String
    }

    /// A constant of a profile; `spread` is a part of the value.
    private struct Row: Encodable {
        let constant: String
        let value: Double
        let unit: String
        let basis: String
        let spread: Double?
        let source: String
    }

    /// Show all profiles, with the number of their constants that nobody measured.
    ///
    /// - Throws: ``ExitStatus`` where one cannot be read.
    public static func showAll(as format: OutputFormat) throws {
        let environment = ProcessInfo.processInfo.environment
        var profiles: [Profile] = []
        var isComplete = true
        for file in try reporting({ () throws(ConfigurationError) in
            try HardwareLoader.files(environment: environment)
        }) {
            do {
                let profile = try HardwareLoader.load(named: file.name, environment: environment)
                let all = Set(HardwareConstant.allCases)
                let assumed = profile.assumed(among: all).count
                profiles.append(
                    Profile(name: file.name, assumed: assumed, constants: all.count, summary: profile.summary)
                )
            } catch {
                Console.note("epsim: \(error)")
                isComplete = false
            }
        }
        switch format {
        case .json: Console.print(try JSONText.of(profiles))
        case .csv: Console.print(try ObjectCSV.text(profiles, first: "name"))
        case .table: Console.print(table(profiles))
        }
        if !isComplete { throw ExitStatus.badConfiguration }
    }

    private static func table(_ profiles: [Profile]) -> String {
        var table = TextTable(columns: [
            .init("name", alignment: .left), .init("assumed", unit: "constants"), .init("of"),
            .init("summary", alignment: .left, isWrapped: true),
        ])
        for profile in profiles {
            table.append([
                profile.name, "\(profile.assumed)", "\(profile.constants)", Printable.text(profile.summary),
            ])
        }
        return table.lines(width: Console.width).joined(separator: "\n")
    }

    /// Show every constant of a profile with its unit, basis, spread and source.
    ///
    /// - Parameter name: the name of a profile, or the path of a file.
    /// - Throws: ``ExitStatus`` where it cannot be read.
    public static func show(_ name: String, as format: OutputFormat) throws {
        let environment = ProcessInfo.processInfo.environment
        let profile = try reporting { () throws(ConfigurationError) in
            try HardwareLoader.load(named: name, environment: environment)
        }
        let rows = HardwareConstant.allCases.compactMap { key in
            profile.constants[key].map { constant in
                Row(
                    constant: key.rawValue,
                    value: constant.value,
                    unit: key.unit,
                    basis: constant.basis.rawValue,
                    spread: constant.spread,
                    source: constant.source
                )
            }
        }
        switch format {
        case .json: Console.print(try JSONText.of(rows))
        case .csv: Console.print(try ObjectCSV.text(rows, first: "constant"))
        case .table:
            Console.print("\(Printable.text(profile.name)): \(Printable.text(profile.summary))\n\n\(table(rows))")
        }
    }

    private static func table(_ rows: [Row]) -> String {
        var table = TextTable(columns: [
            .init("constant", alignment: .left), .init("value"), .init("unit", alignment: .left),
            .init("basis", alignment: .left), .init("spread"), .init("source", alignment: .left, isWrapped: true),
        ])
        for row in rows {
            table.append([
                row.constant, FixedPoint.text(row.value, significant: 6), row.unit, row.basis,
                row.spread.map { "\(FixedPoint.text($0 * 100, significant: 3)) %" } ?? "-", Printable.text(row.source),
            ])
        }
        return table.lines(width: Console.width).joined(separator: "\n")
    }

    /// Run a closure that reads profiles; print the error that it throws, and end with ``ExitStatus/badConfiguration``.
    private static func reporting<Value>(_ body: () throws(ConfigurationError) -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        }
    }
}
