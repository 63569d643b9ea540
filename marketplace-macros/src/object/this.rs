//! `Self`, where it is another type than in the user's block.

use syn::visit_mut::{self, VisitMut};
use syn::{ExprPath, Path, QSelf, Type, TypePath, parse_quote};

/// The type with the object's type instead of `Self`.
pub(super) fn without_self(written: &Type, this: &Type) -> Type {
    let mut written = written.clone();
    This(this).visit_type_mut(&mut written);
    written
}

struct This<'t>(&'t Type);

impl This<'_> {
    /// `Self::X` is `<This>::X`.
    fn qualify(&self, qself: &mut Option<QSelf>, path: &mut Path) {
        if qself.is_none()
            && path.leading_colon.is_none()
            && path.segments.len() > 1
            && path.segments[0].ident == "Self"
        {
            let (this, rest) = (self.0, path.segments.iter().skip(1));
            let qualified: TypePath = parse_quote!(<#this>::#(#rest)::*);
            *qself = qualified.qself;
            *path = qualified.path;
        }
    }
}

impl VisitMut for This<'_> {
    fn visit_type_mut(&mut self, written: &mut Type) {
        if let Type::Path(TypePath { qself: None, path, .. }) = written
            && path.is_ident("Self")
        {
            *written = self.0.clone();
            return;
        }
        visit_mut::visit_type_mut(self, written);
    }

    fn visit_type_path_mut(&mut self, written: &mut TypePath) {
        self.qualify(&mut written.qself, &mut written.path);
        visit_mut::visit_type_path_mut(self, written);
    }

    fn visit_expr_path_mut(&mut self, written: &mut ExprPath) {
        self.qualify(&mut written.qself, &mut written.path);
        visit_mut::visit_expr_path_mut(self, written);
    }
}
