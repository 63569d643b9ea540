//! Texts with `~.`, and what they are read as.

mod hostile;

use crate::tildot::tildot;

fn read(from: &str) -> String {
    tildot(from).unwrap()
}

#[test]
fn v7_each_form_is_a_call() {
    for (from, to) in [
        ("p = bob~.foo(1, 2)", r#"p = HandledPromise.applyMethod(bob, "foo", [1, 2])"#),
        ("await v.bob~.foo()", r#"await HandledPromise.applyMethod(v.bob, "foo", [])"#),
        ("x = o.name\n  ~.get", "x = HandledPromise.get(o.name\n  , \"get\")"),
        (
            "r = db~.open()~.select(c)",
            r#"r = HandledPromise.applyMethod(HandledPromise.applyMethod(db, "open", []), "select", [c])"#,
        ),
        ("f(a)[1]~.[k, l](z)", "HandledPromise.applyMethod(f(a)[1], (k, l), [z])"),
        ("\"abc\"~.[2]", "HandledPromise.get(\"abc\", (2))"),
        ("p~.(1)", "HandledPromise.applyFunction(p, [1])"),
        ("return x~.a().then(f)", r#"return HandledPromise.applyMethod(x, "a", []).then(f)"#),
        ("x~.p = a + b, c", r#"HandledPromise.set(x, "p" ,  a + b), c"#),
        ("x~.p = y~.q = 1\nz", "HandledPromise.set(x, \"p\" ,  HandledPromise.set(y, \"q\" ,  1))\nz"),
        ("x~.p == 1", r#"HandledPromise.get(x, "p") == 1"#),
        ("delete x~.p", r#" HandledPromise.delete(x, "p")"#),
        ("delete x~.p.q", r#"delete HandledPromise.get(x, "p").q"#),
        ("x~.m(y~.n())", r#"HandledPromise.applyMethod(x, "m", [HandledPromise.applyMethod(y, "n", [])])"#),
        ("-a.b~.c()", r#"-HandledPromise.applyMethod(a.b, "c", [])"#),
        ("new Foo(1)~.c()", r#"HandledPromise.applyMethod(new Foo(1), "c", [])"#),
        (
            "x~.delete()~.new()",
            r#"HandledPromise.applyMethod(HandledPromise.applyMethod(x, "delete", []), "new", [])"#,
        ),
        (
            "`a${x~.b()}c${d}e`~.f()",
            r#"HandledPromise.applyMethod(`a${HandledPromise.applyMethod(x, "b", [])}c${d}e`, "f", [])"#,
        ),
    ] {
        assert_eq!(read(from), to);
    }
}

#[test]
fn v7_other_texts_stay() {
    for text in [
        "~.5 + '~.' // ~.b",
        "/* ~.x */ 1",
        "if (x) /~.b/.test(s)",
        "`~.${1}~.`",
        "a = ~ .5",
        "'it\\'s ~.'",
        "x = a / 2; y = '~.' / 3",
    ] {
        assert_eq!(read(text), text);
    }
}

#[test]
fn v7_a_statement_alone_asks_for_no_answer() {
    let only = r#"HandledPromise.applyMethodSendOnly(b, "f", [])"#;
    for (from, to) in [
        ("b~.f();", format!("{only};")),
        ("{ b~.f(); }", format!("{{ {only}; }}")),
        ("a(); b~.f(); c", format!("a(); {only}; c")),
        ("if (a) { }\nb~.f();", format!("if (a) {{ }}\n{only};")),
    ] {
        assert_eq!(read(from), to);
    }
    assert_eq!(
        read("b~.f()~.g();"),
        r#"HandledPromise.applyMethodSendOnly(HandledPromise.applyMethod(b, "f", []), "g", []);"#
    );
    assert_eq!(read("b~.(1);"), "HandledPromise.applyFunctionSendOnly(b, [1]);");
    for text in
        ["b~.f()", "x = b~.f();", "b~.f().then(g);", "for (a; b~.f(); c) {}", "b~.f(), 1;", "await b~.f();"]
    {
        assert!(!read(text).contains("SendOnly"), "{text}");
    }
}

#[test]
fn v7_lines_stay_where_they_are() {
    let from = "const a = 1;\nb\n  ~.f(\n    1,\n  )\n  ~.g();\nthrow 1;\n";
    let to = read(from);
    assert_eq!(to.lines().count(), from.lines().count());
    assert_eq!(to.lines().nth(6), Some("throw 1;"));
}

#[test]
fn v7_a_mistake_has_its_line() {
    for text in ["~.foo()", "a~.+1", "a\n~.", "a~.()~.", "a~.#b", "return ~.b()", "a~.[]", "x~.m(", "{}~.a()"]
    {
        assert!(tildot(text).is_err(), "{text}: {:?}", tildot(text));
    }
    assert_eq!(tildot("a;\nb;\n ~.c()").unwrap_err().line, 3);
    assert_eq!(tildot("a~.b(); 'x").unwrap_err().what, "a string has no end");
}

#[test]
fn v7_a_long_chain_is_read_at_once() {
    let chain = format!("x{}", "~.m(1)".repeat(20_000));
    let read = read(&chain);
    assert_eq!(read.matches("HandledPromise").count(), 20_000);
    let deep = format!("{}x{}", "y~.m(".repeat(20_000), ")".repeat(20_000));
    assert_eq!(tildot(&deep).unwrap().matches("HandledPromise").count(), 20_000);
}

proptest::proptest! {
    #[test]
    fn v7_no_text_is_a_panic(text in "[a-z~.()\\[\\]{}`'\"$/\\\\ \n=;0-9é]{0,40}") {
        hostile::check(&text);
    }
}
