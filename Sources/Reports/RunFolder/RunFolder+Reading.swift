import Basics
import FoundationEssentials

extension RunFolder {
    /// The name of the file with the report.
    public static let reportName = "report.json"
    /// The name of the file with the resolved configuration.
    public static let configName = "config.yaml"

    /// The text of the report in the folder at `path`.
    ///
    /// - Throws: ``ReportError`` when it cannot be read.
    public static func reportText(in path: String) throws(ReportError) -> String {
        let file = "\(path)/\(reportName)"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ReportError(.file, "'\(Printable.text(file))' cannot be read")
        }
        return text
    }

    /// The report in the folder at `path`.
    ///
    /// - Throws: ``ReportError`` that names the file, when it cannot be read or is no report.
    public static func report(in path: String) throws(ReportError) -> Report {
        let text = try reportText(in: path)
        do {
            return try Report(json: text)
        } catch {
            throw ReportError(error.code, "'\(Printable.text("\(path)/\(reportName)"))': \(error)")
        }
    }
}
