import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// A disk that fills while a run folder is written: a small one of its own, in a mount namespace that nobody else sees.
    @Suite struct FullDiskTests {
        private static let canMount = (try? shell("mount -t tmpfs none /mnt")) == 0

        /// Runs a script as the root of namespaces of its own; returns its exit code.
        private static func shell(_ script: String, _ arguments: [String] = []) throws -> Int32 {
            try Program.run("unshare", ["-rm", "sh", "-c", script, "sh"] + arguments).code
        }

        /// Runs the program with a disk of so many KiB for its run folders, and copies what is there at the end.
        private static let script = """
            mount -t tmpfs -o size="$1"k none "$2" || exit 90
            program=$3; copy=$4; shift 4
            timeout 60 "$program" "$@" --quiet --out "$OLDPWD/disk/runs" 2> "$copy.txt"
            code=$?
            cp -r "$OLDPWD/disk" "$copy"
            exit $code
            """

        @Test(.enabled(if: canMount), arguments: ["run", "predict"], [4, 8, 16, 24, 40, 64, 96, 4096])
        func everyFileIsWholeOrNotThere(command: String, kibibytes: Int) async throws {
            try await Sandbox.use { sandbox in
                let disk = "\(sandbox.work)/disk"
                let copy = "\(sandbox.work)/copy"
                for name in ["disk", "copy", "copy.txt"] { sandbox.expect(name) }
                try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
                let script = Self.script.replacing("$OLDPWD", with: sandbox.work)
                let arguments = [command, "\(sandbox.work)/tiny.yaml", "--steps", "20"]
                let code = try Self.shell(script, ["\(kibibytes)", disk, EpsimProcess.program, copy] + arguments)
                let messages = try String(contentsOfFile: "\(copy).txt", encoding: .utf8)
                let names = try check("\(copy)/runs")
                let all: Set = [
                    "config.yaml", "report.json", "report.html", "samples.csv", "experts.csv", "trace.json.gz",
                ]
                if names.isSuperset(of: all) {
                    #expect(code == 0, "\(messages)")
                    #expect(kibibytes > 16)
                } else {
                    #expect(code == 1, "\(messages)")
                    #expect(messages.contains("No space left on device"), "\(messages)")
                    #expect(kibibytes < 4096)
                }
            }
        }

        /// Reads every file that has its final name, to its end; returns the names.
        private func check(_ runs: String) throws -> Set<String> {
            let manager = FileManager.default
            let entries = (try? manager.contentsOfDirectory(atPath: runs)) ?? []
            guard let run = entries.first(where: { !$0.hasPrefix("index.sqlite") }) else { return [] }
            let names = try Set(manager.contentsOfDirectory(atPath: "\(runs)/\(run)"))
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: "\(runs)/\(run)/\(name)", encoding: .utf8)
            }
            if names.contains("report.json") { #expect(try JSON(parsing: text("report.json"))["steps"]?.int == 20) }
            if names.contains("report.html") { #expect(try text("report.html").hasSuffix("</html>\n")) }
            if names.contains("config.yaml") { #expect(try text("config.yaml").contains("warmup: 1")) }
            for (name, rows) in [("samples.csv", 2 * 13), ("experts.csv", 2 * 8)] where names.contains(name) {
                let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count == 1 + 20 * rows + 1 && lines.last == "", "\(name)")
            }
            if names.contains("trace.json.gz") {
                let file = try TimelineFile(path: "\(runs)/\(run)/trace.json.gz")
                #expect(file.faults == [] && file.about["steps_held"]?.int == 20)
            }
            return names
        }
    }
}
