import Figures

extension IndexTable {
    /// The figures of the catalogue, called as their path in the report; a spread has four columns.
    static let figureColumns =
        Figure.catalogue.flatMap { figure -> [IndexColumn] in
            switch figure.form {
            case .spread: Statistic.allCases.map { column(FigureName(figure, $0), .real) }
            case .number: [column(FigureName(figure), .real)]
            case .whole: [column(FigureName(figure), .integer)]
            }
        } + [IndexColumn("output.sha256", .text)]

    private static func column(_ name: FigureName, _ kind: IndexColumn.Kind) -> IndexColumn {
        IndexColumn("\(name)", kind, as: name.column)
    }
}
