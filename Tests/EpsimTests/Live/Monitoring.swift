import Foundation
import TestSupport

/// What `docker/monitoring` holds.
enum Monitoring {
    /// A panel of the dashboard.
    struct Panel {
        let title: String
        /// Its queries, with Grafana's interval filled in.
        let expressions: [String]
        /// The data sources that they are put to.
        let sources: [String]
    }

    static let folder = packageFolder("docker/monitoring")

    /// The panels of the shipped dashboard.
    static func panels() throws -> [Panel] {
        let path = "\(folder)/grafana/dashboards/epsim.json"
        let dashboard = try JSON(parsing: String(contentsOfFile: path, encoding: .utf8))
        return dashboard.elements("panels").map { panel in
            let targets = panel.elements("targets")
            return Panel(
                title: panel.string("title") ?? "?",
                expressions: targets.compactMap { $0.string("expr")?.replacing("$__rate_interval", with: "4s") },
                sources: targets.compactMap { $0.string("datasource.uid") }
            )
        }
    }
}
