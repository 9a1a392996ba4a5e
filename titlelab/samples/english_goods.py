"""The English sample's well-kept shelves: nine categories whose titles editors have looked after."""

from titlelab.samples.material import Category, names, values, words

COLORS = (
    "navy blue~navy_blue~Navy Blue | Navy | deep navy~navy blue | Dark Colors",
    "Black~matte black~jet_black | Black | black | Dark Colors",
    "charcoal grey~Charcoal Gray | Charcoal | charcoal gray | Dark Colors",
    "forest green~Forest_Green | Forest Green | forest green~dark pine green | Dark Colors",
    "sand~Desert Sand | Sand | pale sand | Neutral Tones",
    "off white~off_white~Ivory | Ivory | ivory~creamy off-white | Neutral Tones",
    "coral red~Coral | Coral | a lively coral | Bright Colors",
    "sunflower~Sunflower Yellow | Yellow | sunflower yellow | Bright Colors",
    "teal~ocean teal | Teal | ocean teal",
    "dusty rose~Dusty_Rose | Dusty Rose | dusty rose",
)
SHOWN = ("The color shown here is {}.", "Yours comes in {}.", "This listing is for {}.")

BOTTLES = Category(
    sku="BTL",
    path=("Kitchen & Dining", "Drinkware", "Insulated Bottles"),
    brands=words("Norvale, Ketterby, Alderpeak, Brookhane"),
    price=(14, 42),
    fields={
        "kind": values(
            "type~Item Type",
            "drinking vessel~insulated bottle | Water Bottle"
            " | drinking bottle~hydration flask~insulated drinking vessel",
            "travel tumbler~tumbler with lid | Travel Mug | tumbler~lidded coffee cup",
            "food jar~food flask | Food Jar | lunch flask~insulated food container",
            listed=0.6,
        ),
        "line": values(
            "Model~Series",
            *names("Tern, Halden, Fjord, Drift, Cairn, Juniper"),
            says=("Part of our {line} collection.", "The model name is {line}."),
            listed=0.7,
            present=0.75,
        ),
        "size": values(
            "Capacity~Volume~size",
            "12 fluid ounces~12 Fl. Oz~12oz/350 millilitres | 12 oz | twelve ounces (350 ml)~12 fluid ounces",
            "17 fluid ounces~17 Fl. Oz~17oz/500 millilitres | 17 oz | seventeen ounces (500 ml)~17 fluid ounces",
            "25 fluid ounces~25 Fl. Oz~25oz/750 millilitres | 25 oz | twenty-five ounces (750 ml)~25 fluid ounces",
            "34 fluid ounces~34 Fl. Oz~34oz/1 litre | 34 oz"
            " | thirty-four ounces (1 l)~34 ounces, a full liter || Water Bottle; Food Jar",
            says=("It holds {}.", "Capacity is {}.", "Fill it with {}."),
        ),
        "material": values(
            "material~Material",
            "stainless_steel~18/8 stainless~SS 304 | Stainless Steel | 18/8 stainless steel | Metal",
            "ceramic coated steel~steel, ceramic lining | Ceramic-Lined | steel with a ceramic lining | Ceramic",
            "recycled_steel~90% recycled steel | Recycled Steel"
            " | steel from post-consumer scrap | Recycled Materials; Metal",
            says=("The body is {}.", "Made of {}.", "We chose {} for the body."),
        ),
        "feature": values(
            "",
            "- | Straw Lid | Sip through the straw that folds into the lid.~A straw flips up"
            " from the lid, so there is no tipping back your head. || Water Bottle",
            "- | Leakproof Lid | The lid seals so tightly that a shaken bag stays dry."
            " | Leakproof | Water Bottle; Travel Mug",
            "- | Carry Loop | A loop on the cap lets you carry it on one finger. | Travel | Water Bottle",
            "- | Handle | The sturdy handle fits a whole hand. || Travel Mug",
            "- | Folding Spoon | A spoon that folds in half is tucked under the lid. || Food Jar",
            present=0.65,
        ),
        "color": values("Colour~color~Color", *COLORS, says=SHOWN),
    },
    title="{brand}[ {line}] {kind}[ with {feature}], {size}, {material} - {color}",
    other_title="{brand}[ {line}] {material} {kind}, {size}[ with {feature}] - {color}",
    varies=("color", "size"),
    openers=(
        "Hot at dawn, still hot at noon: this {kind} from {brand} keeps its promise.",
        "{brand} presents a {kind} that keeps its cool for a day and its heat for twelve hours.",
        "Meet the {line}, our most loved {kind}.",
        "The double-wall {kind} by {brand} leaves no rings on the table.",
    ),
    chat=(
        "The wide mouth takes ice cubes and a cleaning brush.",
        "Powder coating gives a sure hold with wet hands.",
        "Rinse with warm water before first use.",
        "The base is sized for most cup holders.",
    ),
    traits=words(
        "Dishwasher Safe, Leakproof, Gift Idea, Commuting, Hiking, Eco-Friendly, Minimalist,"
        " Lightweight, Back to School, !Leather"
    ),
    tags=("Insulated",),
    extras={"BPA free": ("yes",), "Country of origin": ("Portugal", "Taiwan", "Vietnam")},
)

PANS = Category(
    sku="PAN",
    path=("Kitchen & Dining", "Cookware", "Pots & Pans"),
    brands=words("Castelmor, Ferrant & Co, Hearthwell, Oldbury Forge"),
    price=(24, 110),
    fields={
        "kind": values(
            "type~Product",
            "frypan~fry pan | Frying Pan | frypan~pan for frying",
            "saute pan~saute pan w/ lid | Sauté Pan | deep pan with straight sides~sauté pan",
            "casserole~cocotte | Dutch Oven | lidded casserole~round cocotte",
            "griddle~grill plate | Grill Pan | ridged griddle~griddle with ridges",
            listed=0.65,
        ),
        "material": values(
            "material~Material",
            "cast_iron~Cast iron~GG iron | Cast Iron | raw cast iron | Metal; Heavy Duty",
            "carbon_steel~Carbon steel | Carbon Steel | blue carbon steel | Metal | Frying Pan; Sauté Pan; Grill Pan",
            "enamelled iron~enameled cast iron | Enameled Cast Iron | cast iron under three coats of enamel | Metal",
            "aluminium~Aluminium, ceramic coat | Ceramic Nonstick"
            " | aluminum with a slick ceramic coat | Ceramic | Frying Pan; Sauté Pan",
            says=("It is made of {}.", "Forged for good heat: {}.", "The material? {}."),
            listed=0.7,
        ),
        "size": values(
            "Diameter~size",
            '8 inches~8in~8 in (20 cm) | 8" | eight inches across || Frying Pan',
            '9.5 inches~9.5in~9.5 in (24 cm) | 9.5" | nine and a half inches across'
            " || Frying Pan; Sauté Pan; Grill Pan",
            '11 inches~11in~11 in (28 cm) | 11" | eleven inches across || Frying Pan; Sauté Pan; Grill Pan',
            "5 quarts~5 qt~5 qt (4.7 L) | 5-Quart | five quarts || Dutch Oven",
            "7 quarts~7 qt~7 qt (6.6 L) | 7-Quart | seven quarts, enough for a big stew | For Families | Dutch Oven",
            says=("Size: {}.", "It measures {}.", "You get {}."),
            listed=0.75,
        ),
        "feature": values(
            "",
            "- | Glass Lid | A glass cover is included, so you see what simmers. || Sauté Pan; Frying Pan",
            "- | Pour Spouts | Two little lips at the rim let you pour off fat. || Frying Pan; Grill Pan",
            "- | Wood Handle | The grip is turned from beech and stays cool. | Wood | Frying Pan; Grill Pan",
            "- | Steel Knob | The knob on top is steel and oven proof. || Dutch Oven",
            present=0.6,
        ),
        "color": values(
            "Colour~color~Color",
            "cherry red~Cherry_Red | Red | cherry red | Bright Colors",
            "black~Black | - | classic black | Dark Colors",
            "cream~Cream White | Cream | soft cream | Neutral Tones",
            "sky blue~sky_blue | Blue | light sky blue",
            says=SHOWN,
            present=0.7,
        ),
    },
    title="{brand} {size} {material} {kind}[ with {feature}][, {color}]",
    other_title="{brand} {material} {kind}[ with {feature}], {size}[, {color}]",
    varies=("size", "color"),
    openers=(
        "Steaks get the crust you hoped for in this {kind} by {brand}.",
        "{brand} has been pouring and pressing cookware for decades, and this {kind} shows it.",
        "From stovetop to oven to table: one {kind} for all of it.",
        "A {kind} for people who cook every day.",
    ),
    chat=(
        "Works on gas, electric and induction.",
        "Oven safe up to 450 degrees.",
        "Season it lightly before the first use.",
        "Heat spreads evenly, so nothing burns in the middle.",
        "Use wooden or silicone utensils to spare the surface.",
    ),
    traits=words(
        "Dishwasher Safe, Gift Idea, Housewarming, For Beginners, For Families, Camping, Rustic,"
        " Handmade, !Lightweight, !Travel"
    ),
    tags=("Cooking", "Kitchen"),
    extras={"Induction": ("yes", "no"), "Weight": ("1.4 kg", "2.1 kg", "2.8 kg")},
)

BACKPACKS = Category(
    sku="BPK",
    path=("Bags & Luggage", "Bags", "Backpacks"),
    brands=words("Wayfinch, Tarnholm, Osk & Reed, Moorgate Supply"),
    price=(39, 130),
    fields={
        "kind": values(
            "type~Style",
            "laptop rucksack~computer bag | Laptop Backpack | rucksack for your laptop~computer rucksack | Commuting",
            "hiking rucksack~trekking bag | Hiking Backpack | trekking rucksack~pack | Hiking",
            "roll top~roll-top bag | Roll-Top Backpack | roll-top rucksack~roll-top bag",
            listed=0.6,
        ),
        "line": values(
            "Model~Series",
            *names("Metro, Summit, Harbor, Trek, Nomad, Loop"),
            says=("Insiders call it the {line}.", "It belongs to the {line} series."),
            listed=0.65,
            present=0.7,
        ),
        "size": values(
            "Volume~capacity",
            "18 litres~18 ltr | 18L | eighteen liters | Lightweight",
            "22 litres~22 ltr~22 liters | 22L | twenty-two liters",
            "28 litres~28 ltr~28 liters | 28L | twenty-eight liters",
            "40 litres~40 ltr | 40L | a roomy forty liters | Travel | Hiking Backpack",
            says=("It swallows {}.", "Volume: {}.", "There are {} of room inside."),
        ),
        "material": values(
            "material~Fabric",
            "waxed_canvas~cotton canvas, waxed | Waxed Canvas | cotton canvas rubbed with wax | Cotton",
            "rPET~recycled polyester | Recycled | yarn spun from old plastic bottles | Recycled Materials",
            "nylon~600D nylon | - | dense 600D nylon | Heavy Duty",
            says=("The fabric is {}.", "Sewn from {}."),
        ),
        "feature": values(
            "",
            "- | USB Port | Plug in your phone at the port on the side. | Charging | Laptop Backpack",
            "- | Rain Cover | A cover for showers hides in the bottom pocket."
            " | Waterproof | Hiking Backpack; Laptop Backpack",
            "- | Hidden Pocket | A zip against your back keeps your passport out of sight. | Travel",
            "- | Luggage Strap | Slide it over a suitcase handle by the strap at the back. | Travel | Laptop Backpack",
            present=0.7,
        ),
        "color": values("Colour~color~Color", *COLORS[:8], says=SHOWN),
    },
    title="{brand}[ {line}] {size}[ {material}] {kind}[ with {feature}], {color}",
    other_title="{brand}[ {line}][ {material}] {kind} {size}[ with {feature}], {color}",
    varies=("color", "size"),
    openers=(
        "Ten pockets, one {kind}, zero chaos.",
        "{brand} builds each {kind} for people who are rarely at home.",
        "Your shoulders will like this {kind}.",
        "The {line} by {brand} is a {kind} that does not give up at the first rain.",
    ),
    chat=(
        "Padded straps spread the load.",
        "The zippers run smoothly, even after years.",
        "A bottle fits on either side.",
        "The back panel is cushioned and shaped.",
    ),
    traits=words(
        "Waterproof, Back to School, Travel, Leather, Vegan, Minimalist, Vintage, Reflective,"
        " Adjustable, Lightweight, Breathable"
    ),
    extras={"Laptop size": ("up to 14 in", "up to 16 in"), "Closure": ("zip", "buckle")},
)

BEDDING = Category(
    sku="BED",
    path=("Home", "Bedding", "Duvet Covers"),
    brands=words("Linden & Loft, Sleepmere, Cotswell, Ivory Lane"),
    price=(39, 140),
    fields={
        "kind": values(
            "type~Item Type",
            "Duvet Cover Set || duvet cover set~set of bed linen",
            "Duvet Cover || duvet cover~quilt cover",
            "Fitted Sheet || fitted sheet",
            "Pillowcase Pair || pair of pillowcases~pillowcase pair | Multipack",
            listed=0.95,
        ),
        "size": values(
            "size~Size",
            "Twin || for single beds (twin)~twin | | Duvet Cover Set; Duvet Cover; Fitted Sheet",
            "Queen || queen || Duvet Cover Set; Duvet Cover; Fitted Sheet; Pillowcase Pair",
            "King || king || Duvet Cover Set; Duvet Cover; Fitted Sheet; Pillowcase Pair",
            says=("Cut for {} size.", "Size {}.", "Choose {} if that is your bed."),
            listed=0.9,
        ),
        "material": values(
            "material~Material",
            "Washed Cotton || soft washed cotton | Cotton",
            "Cotton Percale || crisp cotton percale | Cotton; Summer",
            "French Linen || French flax linen | Linen; Breathable",
            "Brushed Flannel || brushed cotton flannel | Cotton; Winter",
            says=("Woven from {}.", "The fabric: {}.", "It is pure {}."),
            listed=0.85,
        ),
        "color": values(
            "color~Color",
            "Sage || sage",
            "White || white",
            "Oatmeal || oatmeal | Neutral Tones",
            "Slate Blue || slate blue",
            "Terracotta || terracotta | Bright Colors",
            "Charcoal || charcoal | Dark Colors",
            says=SHOWN,
            listed=0.9,
        ),
        "threads": values(
            "Thread count~threads",
            "200",
            "300",
            "400",
            says=("It has {} threads per square inch.",),
            present=0.5,
        ),
    },
    title="{brand} {size} {material} {kind} {color}",
    other_title="{brand} {material} {kind}, {size}, {color}",
    varies=("color", "size"),
    openers=(
        "Sundays in bed deserve a {kind} like this.",
        "{brand} makes the {kind} you will look forward to all day.",
        "Climb in, breathe out: a {kind} by {brand}.",
        "This {kind} gets softer with every wash.",
    ),
    chat=(
        "The corners are double stitched.",
        "Pre-shrunk, so it still fits next year.",
        "Certified free of harmful substances.",
        "Iron while damp, or enjoy the creases.",
    ),
    traits=words(
        "Machine Washable, Breathable, Housewarming, Gift Idea, Eco-Friendly, Minimalist, Summer,"
        " Winter, Rustic, For Sensitive Skin"
    ),
    tags=("Bedroom",),
    extras={"Certificate": ("textile standard 100",), "Closure": ("buttons", "zip")},
    tidy=True,
)

JACKETS = Category(
    sku="JKT",
    path=("Clothing", "Outerwear", "Jackets & Coats"),
    brands=words("Harrowmoor, Skarn, Eastwick Row, Pellworth, Lumenfell"),
    price=(59, 220),
    fields={
        "kind": values(
            "type~Garment",
            "down jacket~puffer | Puffer Jacket | quilted puffer~warm quilted coat | Winter",
            "shell~rain shell | Rain Jacket | rain shell~hooded shell | Waterproof",
            "fleece~fleece top | Fleece Jacket | zip-up fleece~fleece layer",
            "gilet~vest | Vest | sleeveless gilet~body warmer",
            listed=0.6,
        ),
        "gender": values(
            "gender~Department",
            "male~mens~M | Men's | guys~men | For Men",
            "female~womens~W~ladies | Women's | ladies~women | For Women",
            "unisex kids~children | Kids' | children~boys and girls | For Kids",
            says=("Cut for {}.", "Designed with {} in mind.", "Our fit for {}."),
            listed=0.7,
        ),
        "material": values(
            "material~Fabric~Filling",
            "merino_wool~merino blend | Merino | a merino blend | Wool | Fleece Jacket; Vest",
            "recycled_polyester~rPES | Recycled | yarn from old bottles | Recycled Materials"
            " | Fleece Jacket; Puffer Jacket; Rain Jacket; Vest",
            "polyamide~nylon | - | nylon || Puffer Jacket; Rain Jacket; Vest",
            says=("Made with {}.", "We knit and weave with {} here."),
            listed=0.7,
        ),
        "feature": values(
            "",
            "- | Hooded | A hood with a drawcord is sewn on. || Puffer Jacket; Rain Jacket; Fleece Jacket",
            "- | Packable | It stuffs into its own pocket, no bigger than a grapefruit."
            " | Travel; Space Saving | Puffer Jacket; Rain Jacket; Vest",
            "- | Full-Zip | The front opens all the way by zipper. || Fleece Jacket; Vest",
            "- | Longline | It reaches to mid-thigh and covers your seat. || Puffer Jacket; Rain Jacket",
            present=0.8,
        ),
        "color": values("Colour~color~Color", *COLORS, says=SHOWN),
        "size": values(
            "size~Size",
            "S~small | Small | small",
            "M~medium | Medium | medium",
            "L~large | Large | large",
            "XL~x-large~extra large | XL | extra large",
            says=("This one is size {}.", "Size: {}, true to fit."),
            listed=0.85,
        ),
    },
    title="{brand} {gender}[ {feature}][ {material}] {kind} - {color}, {size}",
    other_title="{brand}[ {feature}][ {material}] {kind} for {gender} - {color}, {size}",
    varies=("size", "color"),
    openers=(
        "When the wind turns, reach for this {kind}.",
        "{brand} took a classic {kind} and trimmed everything it did not need.",
        "A {kind} you will still wear in ten years.",
        "Layer it or wear it alone: the {kind} by {brand}.",
    ),
    chat=(
        "Two zipped pockets keep hands and keys.",
        "Soft cuffs seal out drafts.",
        "The collar is lined for comfort.",
        "A loop at the neck makes it easy to hang up.",
    ),
    traits=words(
        "Machine Washable, Lightweight, Reflective, Hiking, Commuting, Breathable, Minimalist,"
        " Vegan, Eco-Friendly, Winter, !Waterproof, Leather"
    ),
    extras={"Season": ("AW", "SS"), "Pockets": ("2", "3", "4")},
)

SHOES = Category(
    sku="RUN",
    path=("Shoes", "Athletic", "Running Shoes"),
    brands=words("Velorin, Strideon, Kestrel Run, Pacefield"),
    price=(64, 160),
    fields={
        "kind": values(
            "type~Style",
            "road runner~road shoe | Running Shoes | road runners~road trainers",
            "trail runner~off-road shoe | Trail Running Shoes | off-road trainers~shoes for dirt and rock | Hiking",
            "racing flat~race shoe | Racing Shoes | racing flats~race-day shoes",
            listed=0.6,
        ),
        "line": values(
            "Model~Series",
            *names("Aero 2, Tempo 4, Ridge, Glide 3, Cadence, Bolt"),
            says=("The model is {line}.", "You are looking at the {line}."),
            listed=0.8,
        ),
        "gender": values(
            "gender~Department",
            "male~mens~M | Men's | men | For Men",
            "female~womens~W | Women's | women | For Women",
            says=("Built on a last for {}.", "A fit for {}."),
            listed=0.75,
        ),
        "feature": values(
            "",
            "- | Wide | Extra room at the toes suits a wide foot.",
            "- | Waterproof | A membrane keeps puddles out. | Waterproof",
            "- | Carbon Plate | A springy sheet of carbon runs under the foot. || Racing Shoes; Running Shoes",
            present=0.55,
        ),
        "color": values(
            "Colour~color~Color",
            *COLORS[1:3],
            COLORS[0],
            *COLORS[6:9],
            "all white~white | White | all white | Minimalist",
            says=SHOWN,
        ),
        "size": values(
            "size~Shoe size",
            "US 7.5~7.5 US | 7.5 | US seven and a half",
            "US 9~9 US | 9 | US nine",
            "US 8.5~8.5 US | 8.5 | US eight and a half",
            "US 10~10 US | 10 | US ten",
            says=("Size {}.", "This pair is {}."),
            listed=0.9,
        ),
    },
    title="{brand} {line} {gender}[ {feature}] {kind} - {color}, Size {size}",
    other_title="{brand} {gender} {line} {kind}[, {feature}] - {color}, Size {size}",
    varies=("size", "color"),
    openers=(
        "Eight miles before breakfast? These {kind} are up for it.",
        "{brand} gave its {kind} a softer heel and a quicker toe.",
        "The {line}: {kind} for people who keep a log.",
        "Lace up a pair of {kind} by {brand} and forget your feet.",
    ),
    chat=(
        "The foam midsole gives back what you put in.",
        "Drop: eight millimeters.",
        "The tongue stays in place.",
        "Go half a size up if you wear thick socks.",
    ),
    traits=words(
        "Breathable, Reflective, Lightweight, Non-Slip, Vegan, For Beginners, Commuting,"
        " !Machine Washable, !Waterproof, Travel, Winter, !Hiking"
    ),
    tags=("Running",),
    extras={"Closure": ("laces",), "Arch": ("neutral", "support")},
)

CABLES = Category(
    sku="CBL",
    path=("Electronics", "Phone Accessories", "Charging Cables"),
    brands=words("Voltaro, Plugmere, Ampwick, Corelane"),
    price=(7, 29),
    fields={
        "kind": values(
            "type~Item Type",
            "USB-C to USB-C Cable || USB-C to USB-C cable",
            "USB-C to USB-A Cable || USB-C to USB-A cable",
            "USB-C Magnetic Cable || cable with a magnetic tip",
            "3-in-1 Charging Cable || cable with three plugs | For Families",
            listed=0.95,
        ),
        "length": values(
            "length~Length",
            "3 ft || three feet (0.9 m) | Travel",
            "6 ft || six feet (1.8 m)",
            "10 ft || ten feet (3 m) | Bedroom",
            says=("It is {} long.", "Length: {}."),
            listed=0.9,
        ),
        "power": values(
            "Power~wattage",
            "60W || sixty watts",
            "100W || a hundred watts",
            "240W || 240 watts",
            says=("It delivers up to {}.", "Rated for {}."),
            listed=0.9,
        ),
        "material": values(
            "material~Jacket",
            "Braided Nylon || braided nylon | Heavy Duty",
            "Soft Silicone || silicone that never tangles",
            says=("The jacket is {}.",),
            present=0.6,
        ),
        "color": values(
            "color~Color",
            "Black || black | Dark Colors",
            "White || white",
            "Red || red | Bright Colors",
            "Space Gray || space gray | Dark Colors",
            says=SHOWN,
            listed=0.9,
        ),
    },
    title="{brand} {kind} {length} {power} {color}",
    other_title="{brand} {power} {kind}, {length}, {color}",
    varies=("length", "color"),
    openers=(
        "Low battery at four in the afternoon? This {kind} fills phones and tablets in no time.",
        "{brand} tested this {kind} through thirty thousand bends.",
        "A {kind} that outlives your phone.",
        "Another {kind}? Yes, but one that does not fray.",
    ),
    chat=(
        "A velcro tie is included.",
        "Works with cases up to five millimeters thick.",
        "Data moves at 480 megabits per second.",
        "The plug housings are slim.",
    ),
    traits=words(
        "Heavy Duty, Travel, Home Office, Gift Idea, Minimalist, Eco-Friendly,"
        " Back to School, !Waterproof, !Leather, !For Kids"
    ),
    tags=("Charging",),
    extras={"Connector": ("USB-C+USB-A", "USB-C"), "Compatible with": ("phones+tablets+laptops",)},
    tidy=True,
)

DOG_BEDS = Category(
    sku="DOG",
    path=("Pet Supplies", "Dogs", "Dog Beds"),
    brands=words("Pawlow, Barkenmoor, Snugtail, Houndly"),
    price=(29, 120),
    fields={
        "kind": values(
            "type~Style",
            "bolster cushion~bolster | Bolster Dog Bed | cushion with a raised rim~bolster nest",
            "mattress~memory foam mattress | Orthopedic Dog Bed"
            " | memory foam mattress for old joints~thick foam mattress",
            "raised cot~cot | Elevated Dog Bed | raised cot~cot on legs | Breathable; Summer",
            "donut~round nest | Donut Dog Bed | round fluffy nest~donut nest",
            listed=0.6,
        ),
        "dog": values(
            "Dog size~size",
            "S (up to 10 kg)~small breed | Small Dogs | dogs up to twenty pounds~little dogs",
            "M (10-25 kg)~medium breed | Medium Dogs | dogs of twenty to fifty pounds~mid-size dogs",
            "L (25-40 kg)~large breed | Large Dogs | dogs of fifty to ninety pounds~big dogs",
            says=("Sized for {}.", "Right for {}.", "It fits {}."),
            listed=0.65,
        ),
        "measure": values(
            "Dimensions~Measurements",
            '24 x 18 in~24x18 inches | 24" x 18" | 24 by 18 inches || Small Dogs',
            '30 x 22 in~30x22 inches | 30" x 22" | 30 by 22 inches || Medium Dogs',
            '36 x 27 in~36x27 inches | 36" x 27" | 36 by 27 inches || Large Dogs',
            says=("It measures {}.", "Lying area: {}."),
            present=0.6,
        ),
        "feature": values(
            "",
            "- | Removable Cover | The cover zips off. | Machine Washable"
            " | Bolster Dog Bed; Orthopedic Dog Bed; Donut Dog Bed",
            "- | Waterproof Liner | A liner stops accidents before they reach the filling."
            " | Waterproof | Bolster Dog Bed; Orthopedic Dog Bed",
            "- | Steel Frame | The frame is welded steel. | Metal; Heavy Duty | Elevated Dog Bed",
            present=0.7,
        ),
        "color": values(
            "Colour~color~Color",
            "grey~light_grey~Grey melange | Gray | light gray",
            COLORS[2],
            "brown~chocolate brown | Brown | chocolate brown | Dark Colors",
            "beige~Beige / natural | Beige | natural beige | Neutral Tones",
            COLORS[0],
            says=SHOWN,
        ),
    },
    title="{brand} {kind} for {dog}[ with {feature}][, {measure}], {color}",
    other_title="{brand} {kind}[ with {feature}] for {dog}[, {measure}], {color}",
    varies=("color", "dog"),
    openers=(
        "Turn around three times and lie down: your pup will love this {kind}.",
        "{brand} makes a {kind} that keeps its shape after the hundredth nap.",
        "Old bones or young, every dog sleeps well on this {kind}.",
        "At last, a {kind} that you do not want to hide when guests come.",
    ),
    chat=(
        "Shake it up once a week.",
        "Double seams stand up to digging.",
        "It arrives rolled; give it a day to rise.",
        "Also popular with cats, we are told.",
    ),
    traits=words(
        "!Machine Washable, Non-Slip, Living Room, Travel, Heavy Duty, Eco-Friendly, Minimalist,"
        " Space Saving, Winter, Waterproof"
    ),
    tags=("For Dogs",),
    extras={"Filling": ("polyester fiber", "shredded foam"), "Warranty": ("1 year", "2 years")},
)

TOYS = Category(
    sku="TOY",
    path=("Toys & Games", "Preschool", "Wooden Toys"),
    brands=words("Tumblewick, Pip & Oak, Little Alder, Jollymoor"),
    price=(15, 60),
    fields={
        "kind": values(
            "type~Item",
            "building bricks~bricks | Building Blocks | brick set~set of stacking bricks",
            "railway~train | Train Set | railway~railway with tracks",
            "jigsaw~jigsaw board | Puzzle | jigsaw~jigsaw board",
            "play food~pretend food | Play Food Set | pretend groceries~make-believe groceries",
            listed=0.6,
        ),
        "pieces": values(
            "Pieces~number of pieces",
            "24 pcs~24 | 24-Piece | two dozen parts",
            "36 pcs~36 | 36-Piece | thirty-six parts",
            "50 pcs~50 | 50-Piece | fifty parts",
            "80 pcs~80 | 80-Piece | eighty parts || Building Blocks; Train Set",
            says=("There are {} in the box.", "You get {}."),
            listed=0.7,
        ),
        "material": values(
            "material~Material",
            "beech_wood~solid beech | Wooden | solid beech | Wood",
            "FSC wood~certified wood | Wooden | wood from certified forests | Wood; Eco-Friendly",
            says=("Made of {}.", "We use {} only."),
            listed=0.8,
        ),
        "theme": values(
            "",
            "- | Farm | Cows, a barn and a tractor are the theme.",
            "- | Forest Animals | Foxes, owls and badgers peek out everywhere. || Building Blocks; Train Set; Puzzle",
            "- | City | Think of shops, cars and traffic lights. || Building Blocks; Train Set; Puzzle",
            "- | Bakery | Buns, bagels and a till turn the table into a baker's shop. || Play Food Set",
            "- | Alphabet | All letters from A to Z are printed on it. | Back to School | Building Blocks; Puzzle",
            present=0.6,
        ),
        "age": values(
            "Age~Recommended age",
            "18 months and up~18m+ | 18 Months+ | from eighteen months",
            "3 years and up~3 yrs+~3+ | Ages 3+ | from three years",
            "5 years and up~5+ | Ages 5+ | from five years",
            says=("Recommended {}.", "Good to play with {}."),
            listed=0.7,
        ),
        "bag": values(
            "",
            "- | Storage Bag | When playtime is over, all of it goes into a drawstring sack. | Space Saving",
            "- | Storage Box | A crate with a sliding lid keeps it all together. | Space Saving",
            present=0.4,
        ),
    },
    title="{brand} {pieces} {material}[ {theme}] {kind}[ with {bag}], {age}",
    other_title="{brand} {material}[ {theme}] {kind}, {pieces}[, {bag}], {age}",
    varies=("pieces", "age"),
    openers=(
        "Screen off, imagination on: a {kind} by {brand}.",
        "{brand} sands every corner of this {kind} twice.",
        "Rainy afternoon? Bring out this {kind}.",
        "A {kind} that will be handed down.",
    ),
    chat=(
        "Colors are water-based and safe to chew.",
        "It trains patience and motor skills.",
        "Wipe clean with a damp cloth.",
        "Spare parts are available.",
    ),
    traits=words(
        "Gift Idea, Handmade, Vintage, Travel, For Beginners, For Families, Minimalist,"
        " Eco-Friendly, Living Room, !Dishwasher Safe, !Waterproof"
    ),
    tags=("For Kids",),
    extras={"Safety": ("tested for small parts",), "Batteries": ("none",)},
)

KEPT = (BOTTLES, PANS, BACKPACKS, BEDDING, JACKETS, SHOES, CABLES, DOG_BEDS, TOYS)
