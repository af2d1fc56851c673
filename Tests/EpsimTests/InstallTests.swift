import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// What `make install` leaves, with the program of this build in place of a release.
    @Suite struct InstallTests {
        private static let parts = [
            "bin/epsim", "share/bash-completion/completions/epsim", "share/epsim/LICENSE",
            "share/epsim/configs/quickstart.yaml", "share/fish/vendor_completions.d/epsim.fish",
            "share/man/man1/epsim.1", "share/zsh/site-functions/_epsim",
        ]

        private func make(_ target: String, in folder: TemporaryFolder) throws -> (code: Int32, output: String) {
            let variables = ["PREFIX=\(folder.path("pfx"))", "binary=\(EpsimProcess.program)"]
            return try Program.run("make", ["-C", packageFolder("."), "-s", "-o", "build", target] + variables)
        }

        /// Runs the installed program in an empty folder.
        private func epsim(_ arguments: [String], in folder: TemporaryFolder) throws -> (code: Int32, output: String) {
            let place = ["-C", try folder.makeFolder("elsewhere"), "HOME=\(try folder.makeFolder("home"))"]
            return try Program.run("env", place + [folder.path("pfx/bin/epsim")] + arguments)
        }

        private func files(in folder: TemporaryFolder) -> [String] {
            let all = FileManager.default.enumerator(atPath: folder.path("pfx"))?.compactMap { $0 as? String } ?? []
            return all.filter { !((try? folder.names(in: "pfx/\($0)")) != nil) }.sorted()
        }

        @Test func everythingIsPutInItsPlaceAndRemoved() throws {
            let folder = try TemporaryFolder()
            let installed = try make("install", in: folder)
            #expect(installed.code == 0, "\(installed.output)")
            let files = files(in: folder)
            #expect(
                files.filter { !$0.hasPrefix("share/epsim/configs/") || $0.hasSuffix("quickstart.yaml") } == Self.parts
            )
            let size = { (path: String) in
                try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
            }
            #expect(try size(folder.path("pfx/bin/epsim")) < size(EpsimProcess.program))

            let bash = try Program.run("bash", ["-n", folder.path("pfx/share/bash-completion/completions/epsim")])
            #expect(bash.code == 0, "\(bash.output)")
            #expect(try folder.read("pfx/share/zsh/site-functions/_epsim").hasPrefix("#compdef epsim\n"))
            #expect(try folder.read("pfx/share/fish/vendor_completions.d/epsim.fish").contains("complete -c 'epsim'"))

            try checkShippedFiles(in: folder)
            #expect(try make("uninstall", in: folder).code == 0)
            #expect(self.files(in: folder) == [])
        }

        private func checkShippedFiles(in folder: TemporaryFolder) throws {
            let shown = try epsim(["config", "show", "configs/quickstart.yaml"], in: folder)
            #expect(shown.code == 0)
            #expect(shown.output.contains(folder.path("pfx/share/epsim/configs/quickstart.yaml:")))
            let run = try epsim(["run", "configs/quickstart.yaml", "--steps", "1", "--workers", "2"], in: folder)
            #expect(run.code == 0 && run.output.contains("# config: configs/quickstart.yaml"), "\(run.output)")
            let sweep = try epsim(["sweep", "configs/sweeps/strong-scaling.yaml", "--dry-run"], in: folder)
            #expect(sweep.code == 0, "\(sweep.output)")
            let none = try epsim(["run", "configs/none.yaml"], in: folder)
            #expect(none.code == 78 && none.output.contains("looked for configs/none.yaml, "))
            #expect(none.output.contains(folder.path("pfx/share/epsim/configs/none.yaml")))
            try folder.write("run: {steps: 7}\n", as: "elsewhere/configs/quickstart.yaml")
            let own = try epsim(["config", "show", "configs/quickstart.yaml"], in: folder)
            #expect(own.output.contains(" configs/quickstart.yaml:1"))
        }

        @Test func theManualHasEveryCommand() throws {
            let help = try Program.run(EpsimProcess.program, ["--experimental-dump-help"], keepsErrors: false).output
            let page = try Program.run(packageFolder(".ci/manual"), ["1.2.3"], input: help)
            #expect(page.code == 0 && page.output.contains(".TH \"EPSIM\" 1 \"\" \"epsim 1.2.3\" \"User Commands\"\n"))
            let dumped = try JSONDecoder().decode(Dump.self, from: Data(help.utf8)).command
            for command in dumped.subcommands ?? [] where command.commandName != "help" {
                let name = command.commandName.replacing("-", with: "\\-")
                #expect(page.output.contains(".SH \"epsim \(name)\"\n"))
                for below in command.subcommands ?? [] {
                    #expect(page.output.contains(".SS \"epsim \(name) \(below.commandName)\"\n"))
                }
            }
            #expect(page.output.contains("\n\\fB\\-\\-workers\\fR <\\fIworkers\\fR>\n"))
            let wrong = try Program.run(packageFolder(".ci/manual"), [])
            #expect(wrong.code == 1 && wrong.output.hasPrefix("usage: "))
            if Program.find("groff") != nil {
                let set = try Program.run("groff", ["-man", "-Tutf8", "-ww", "-z"], input: page.output)
                #expect(set.code == 0 && set.output == "")
            }
        }

        private struct Dump: Decodable {
            struct Command: Decodable {
                let commandName: String
                let subcommands: [Command]?
            }
            let command: Command
        }
    }
}
