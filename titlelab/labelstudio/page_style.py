"""How the annotator's page looks. Data only.

Label Studio's own elements have stable class names (lsf-…) and test ids. Should one change, a convenience is lost (the
empty side panel comes back, the title takes the focus when a task opens) and nothing else. No ">" here: it would be
escaped.
"""

# Label Studio puts the focus into a field that is made, and letters would be typed there instead of ticking tags. What
# can't be seen takes no focus, so the field appears a moment later. The Tab key leads there all the same.
_NO_FOCUS_OF_ITS_OWN = """
@keyframes tl-appear{from,99%{visibility:hidden}to{visibility:visible}}
.tl-title input{animation:tl-appear .05s steps(1)}
"""
# On a phone: names above what they name, the answers beneath the source, no keys told. Of Label Studio's bars, which
# are twice as wide, what sends the answer stays, and the menu that leads back.
_NARROW = """
@media (max-width:700px){
.tl-title,.tl-note,.tl-others,.tl-group,.tl-reject{padding-left:0}
.tl-title h4,.tl-others h4,.tl-group h4,.tl-reject h4{position:static;width:auto}
.tl-columns{flex-direction:column;gap:8px}
.tl-source,.tl-answers{flex:none;width:100%;max-height:none}
.tl-line{flex-wrap:wrap}
.tl-keys,.tl-key,.tl-stop,.tl .lsf-hint{display:none}
.tl-missing{margin:0}
.lsf-bottombar__group:not(:has(.lsf-controls)),.lsf-menu-header__context,.lsf-menu-header__hotkeys{display:none}
}
"""
STYLE = f"""
.lsf-sidepanels{{padding-right:0 !important}}
.lsf-sidepanels__wrapper{{display:none}}
.tl h4{{font-size:13px;line-height:20px;font-weight:600;opacity:.7;margin:0 !important}}
.tl-title,.tl-note,.tl-others,.tl-group,.tl-reject{{position:relative;padding-left:92px}}
.tl-title h4,.tl-others h4,.tl-group h4,.tl-reject h4{{position:absolute;left:0;top:3px;width:84px;
overflow-wrap:anywhere}}
.tl-title{{margin-top:2px}}
.tl-title h4{{top:12px}}
.tl-title [data-testid=textarea-regions]{{margin:0 !important;overflow-x:auto}}
.tl-title .lsf-textarea__region{{padding:0}}
.tl-title input{{font:16px/24px ui-monospace,Consolas,"DejaVu Sans Mono",monospace !important;letter-spacing:0;
padding:6px 12px !important;height:auto !important;field-sizing:content;min-width:100%}}
{_NO_FOCUS_OF_ITS_OWN}
.tl-line{{display:flex;gap:16px;align-items:baseline;font-size:12px;line-height:18px}}
.tl-line .tl-said{{flex:1;min-width:0}}
.tl-keys,.tl-stop{{white-space:nowrap;font-size:12px;opacity:.8}}
.tl-keys{{outline:none}}
.tl-editing{{display:none;color:#7a2e0e;background:#fef0c7;border-radius:4px;padding:1px 8px}}
.tl-title:focus-within ~ .tl-note .tl-editing{{display:inline}}
.tl-title:focus-within ~ .tl-note .tl-idle{{display:none}}
.tl .lsf-choices{{margin:0}}
.tl .lsf-choice{{line-height:24px !important}}
.tl-others:not(:has(.lsf-choice)),.tl-likely:not(:has(.lsf-choice)){{display:none}}
.tl-columns{{display:flex;gap:32px;align-items:flex-start;margin-top:6px}}
.tl-source{{flex:1 1 40%;min-width:0;max-height:calc(100vh - 300px);overflow:auto}}
.tl-source mark{{background:#fde68a;color:#422006;border-radius:2px}}
.tl-object{{display:none}}
.tl-answers{{flex:1 1 60%;min-width:0}}
.tl-facts{{border-collapse:collapse;margin-bottom:6px}}
.tl-facts th{{text-align:left;font-weight:400;opacity:.7;padding:1px 16px 1px 0;vertical-align:top;white-space:nowrap}}
.tl-facts td{{padding:1px 0;vertical-align:top;overflow-wrap:anywhere}}
.tl-facts img{{max-width:320px;max-height:200px}}
.tl-prose{{margin:0;line-height:21px;white-space:pre-line}}
.tl-twins{{font-size:13px;line-height:19px;margin:0 0 8px}}
.tl-twins summary{{opacity:.7;cursor:pointer}}
.tl-twins li{{list-style:none;margin:0;padding:0 0 0 10px;overflow-wrap:anywhere}}
.tl-twins ins{{text-decoration:none;background:#d1fae5;color:#064e3b;border-radius:2px}}
.tl-hint{{font-size:13px;line-height:20px;opacity:.8}}
.tl-because{{font-size:12px;opacity:.8}}
.tl-because mark{{background:#dbeafe;color:#1e3a8a;border-radius:3px;padding:0 4px}}
.tl-warning{{color:#fff;background:#b42318;border-radius:4px;padding:1px 8px;margin-right:8px;font-weight:600}}
.tl-caution{{color:#7a2e0e;background:#fef0c7;border-radius:4px;padding:1px 8px;margin-right:8px}}
.tl-tags .lsf-hint,.tl-many .lsf-hint{{display:none}}
.tl-key{{font-size:10px;opacity:.6;margin-left:3px;font-weight:400}}
.tl-tags .lsf-choice,.tl-tags .lsf-choice *{{line-height:21px !important;min-height:0 !important}}
.tl-tags .lsf-choice{{height:22px}}
.tl-many:has(input[placeholder]:placeholder-shown) .lsf-choice:not(:has(input:checked)){{display:none}}
.tl-many:has(input[placeholder]:not(:placeholder-shown)) .lsf-choice:nth-child(1 of :not(.lsf-choice_hidden)){{
outline:2px solid #4f46e5;outline-offset:-2px;border-radius:4px}}
.tl-many .lsf-choices{{max-height:calc(100vh - 420px);overflow:auto}}
.tl-many .ant-input{{margin-bottom:2px;width:calc(100% - 150px)}}
.tl-after{{position:absolute;right:0;top:0}}
.tl-missing .lsf-textarea__region{{padding:0}}
.tl-missing{{margin:-7px 0 -20px}}
.tl-missing h4{{top:10px}}
.tl-missing textarea,.tl-missing input{{height:26px !important;min-height:0 !important;padding:1px 8px !important}}
.tl-reject{{margin-top:4px}}
{_NARROW}"""


def past_limit(n_characters: int) -> str:
    """Return the style by which what is typed past the limit stands on red ground at once.

    All letters of the field are one width wide, but for Han, which this must not be used for.
    """
    return (
        f".tl-title input{{background-image:linear-gradient(90deg,transparent {n_characters}ch,rgba(217,45,32,.35)"
        f" {n_characters}ch) !important;background-origin:content-box !important;background-repeat:no-repeat}}"
    )
