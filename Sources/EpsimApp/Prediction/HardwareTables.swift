import Basics
import Configuration
import CostModel
import Foundation
import Settings

/// The tables of hardware profiles that `epsim hardware` prints.
public enum HardwareTables {
    /// Show all profiles, with the number of their constants that nobody measured.
    ///
    /// - Throws: ``ExitStatus`` where one cannot be read.
    public static func showAll() throws {
        let environment = ProcessInfo.processInfo.environment
        var table = TextTable(columns: [
            .init("name", alignment: .left), .init("assumed", unit: "constants"), .init("of"),
            .init("summary", alignment: .left),
        ])
        var isComplete = true
        for file in try reporting({ () throws(ConfigurationError) in
            try HardwareLoader.files(environment: environment)
        }) {
            do {
                let profile = try HardwareLoader.load(named: file.name, environment: environment)
                let all = Set(HardwareConstant.allCases)
                let assumed = profile.assumed(among: all).count
                table.append([file.name, "\(assumed)", "\(all.count)", Printable.text(profile.summary)])
            } catch {
                Console.note("epsim: \(error)")
                isComplete = false
            }
        }
        Console.print(table.lines().joined(separator: "\n"))
        if !isComplete { throw ExitStatus.badConfiguration }
    }

    /// Show every constant of a profile with its unit, basis, spread and source.
    ///
    /// - Parameter name: the name of a profile, or the path of a file.
    /// - Throws: ``ExitStatus`` where it cannot be read.
    public static func show(_ name: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let profile = try reporting { () throws(ConfigurationError) in
            try HardwareLoader.load(named: name, environment: environment)
        }
        var table = TextTable(columns: [
            .init("constant", alignment: .left), .init("value"), .init("unit", alignment: .left),
            .init("basis", alignment: .left), .init("spread"), .init("source", alignment: .left),
        ])
        for key in HardwareConstant.allCases {
            guard let constant = profile.constants[key] else { continue }
            table.append([
                key.rawValue, FixedPoint.text(constant.value, significant: 6), key.unit, constant.basis.rawValue,
                constant.spread.map { "\(FixedPoint.text($0 * 100, significant: 3)) %" } ?? "-",
                Printable.text(constant.source),
            ])
        }
        let head = "\(Printable.text(profile.name)): \(Printable.text(profile.summary))"
        Console.print(([head, ""] + table.lines()).joined(separator: "\n"))
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
