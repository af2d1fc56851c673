import Testing

@testable import Pages

@Suite struct MarkupTests {
    @Test func textsAndAttributesAreEscaped() {
        let markup = Markup.element("p", ["title": "a\"b'<c>"], "1 < 2 & \u{1}</p><script>")
        #expect(
            markup.source
                == "<p title=\"a&quot;b&#39;&lt;c&gt;\">1 &lt; 2 &amp; \u{FFFD}&lt;/p&gt;&lt;script&gt;</p>"
        )
    }

    @Test func anAttributeThatIsNilIsLeftOutAndVoidElementsHaveNoEnd() {
        #expect(Markup.element("meta", ["charset": "utf-8", "name": nil]).source == "<meta charset=\"utf-8\">")
    }

    @Test func aPageForbidsItselfToAskForAnything() {
        let page = Page(title: "a & b", subtitle: "", content: []).html
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(page.contains("<title>a &amp; b</title>"))
        #expect(page.contains("default-src &#39;none&#39;"))
        #expect(!page.contains("connect-src"))
        #expect(!page.contains("http://") && !page.contains("https://"))
        let live = Page(title: "", subtitle: "", content: [], nonce: "abc").html
        #expect(live.contains("script-src &#39;nonce-abc&#39;; connect-src &#39;self&#39;"))
        #expect(live.contains("<script nonce=\"abc\">"))
    }
}
