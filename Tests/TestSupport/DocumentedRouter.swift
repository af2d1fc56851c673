import Foundation

/// The router of the article *Routers in any language*, as it stands there.
public enum DocumentedRouter {
    /// True where there is a Python to run it.
    public static let isRunnable = Program.find("python3") != nil

    /// The text of the program.
    public static func text() throws -> String {
        let article = packageFolder("Sources/MoE/MoE.docc/RoutersInAnyLanguage.md")
        let page = try String(contentsOfFile: article, encoding: .utf8)
        guard let begin = page.range(of: "<!-- begin: router.py -->\n```python\n"),
            let end = page.range(of: "```\n<!-- end: router.py -->")
        else { throw TestTrouble("\(article) holds no router.py") }
        return String(page[begin.upperBound..<end.lowerBound])
    }
}
